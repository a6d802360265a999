//! All codes of errors and warnings that answers can have, sorted.

/// A code, and in what it differs from the original's, if it does.
pub type CodeRow = (&'static str, Option<&'static str>);

/// Codes of errors: `error.code`, or `code` in `errors`; `{}` stands for the name of a param.
pub const ERRORS: &[CodeRow] = &[
    ("assertanonfailed", None),
    ("assertbotfailed", None),
    ("assertnameduserfailed", None),
    ("assertuserfailed", None),
    ("badcontinue", None),
    ("badgenerator", None),
    ("badinteger", None),
    ("badmodule", None),
    ("badtimestamp", None),
    ("badtoken", None),
    ("badurl_{}", None),
    ("baduser", None),
    ("badvalue", None),
    ("cidrtoobroad", None),
    (
        "http-contenttoolarge",
        Some("ours: a body larger than `MaxRequestSize`; HTTP status 413"),
    ),
    ("includeAllDenied", None),
    ("invalid-ip", None),
    ("invalidmethod", None),
    ("invalidparammix", None),
    ("maxlag", None),
    ("missingparam", None),
    ("multisource", None),
    ("mustbeposted", None),
    ("mustpostparams", None),
    ("param_ip", None),
    ("permissiondenied", None),
    ("promised-nonwrite-api", None),
    ("readapidenied", None),
    ("readonly", None),
    ("show", None),
    ("toomanyvalues", None),
    ("usermaildisabled", None),
];

/// Codes of exceptions: `internal_api_error_` and one of these classes.
pub const EXCEPTIONS: &[CodeRow] = &[
    ("InvalidArgumentException", None),
    ("LogicException", None),
    (
        "MWException",
        Some("a clean page in place of the original's fatal error"),
    ),
    (
        "MediaWiki\\Rest\\HeaderParser\\HeaderParserError",
        Some("a clean page in place of the original's fatal error"),
    ),
    ("ValueError", None),
    (
        "Wikimedia\\Rdbms\\DBQueryError",
        Some(
            "for every fault of the store, which has no SQL; the original has other classes of databases too",
        ),
    ),
];

/// Codes of warnings: `code` in `warnings`. The format `bc` has only texts.
pub const WARNINGS: &[CodeRow] = &[
    ("badmodule", None),
    ("badutf8", None),
    ("badvalue", None),
    ("checktoken-percentencoding", None),
    ("deprecation", None),
    ("deprecation-help", None),
    ("errorprinterfailed", None),
    ("notloggedin", None),
    ("outofrange", None),
    ("tokens-origin", None),
    ("unclearnowtimestamp", None),
    ("unrecognizedparams", None),
    ("unrecognizedvalues", None),
    ("unsupportedarray", None),
    ("wgdebugapi", None),
    (
        "xslt-disabled",
        Some("ours: a style sheet is a page of the wiki, and there are none"),
    ),
];

//! The texts of the messages, sorted by name.
//!
//! They are part of the wire format and stand here as they were recorded.

use super::MessageText;

/// Declares a constant for each message, so that a message that does not exist does not compile.
macro_rules! messages {
    (@plural) => { None };
    (@plural $plural:literal) => { Some($plural) };
    ($($name:ident: $key:literal = $english:literal $(| $plural:literal)?;)+) => {
        $(pub(in crate::api) static $name: MessageText = MessageText {
            key: $key,
            english: $english,
            english_plural: messages!(@plural $($plural)?),
        };)+

        /// All messages, for the module that shows them.
        pub(in crate::api) static ALL: &[&MessageText] = &[$(&$name),+];
    };
}

messages! {
    ALL_SERVERS_HIDDEN: "apierror-siteinfo-includealldenied" =
        "Cannot view all servers' info unless <var>$wgShowHostnames</var> is true.";
    API_USAGE: "api-usage-docref" = "See $1 for API usage.";
    ASSERT_ANON: "apierror-assertanonfailed" =
        "You are no longer logged out, so the action could not be completed.";
    ASSERT_BOT: "apierror-assertbotfailed" =
        "You do not have the <code>bot</code> right, so the action could not be completed.";
    ASSERT_NAMED_USER: "apierror-assertnameduserfailed" =
        "You are no longer logged in as \"$1\", so the action could not be completed.";
    ASSERT_USER: "apierror-assertuserfailed" =
        "You are no longer logged in, so the action could not be completed.";
    AUTH_NOT_IN_PROGRESS: "authmanager-authn-not-in-progress" =
        "Authentication is not in progress or session data has been lost. Please start again from the beginning.";
    AUTH_NO_PRIMARY: "authmanager-authn-no-primary" = "The supplied credentials could not be authenticated.";
    AUTH_PASSWORD_HELP: "authmanager-password-help" = "Password for authentication.";
    AUTH_PASSWORD_PROVIDER: "authmanager-provider-password" = "Password-based authentication";
    AUTH_REMEMBER_HELP: "authmanager-userlogin-remembermypassword-help" =
        "Whether the password should be remembered for longer than the length of the session.";
    AUTH_USERNAME_HELP: "authmanager-username-help" = "Username for authentication.";
    BAD_ADDRESS: "apierror-badip" = "IP parameter is not valid.";
    BAD_CONTINUE: "apierror-badcontinue" =
        "Invalid continue param. You should pass the original value returned by the previous query.";
    BAD_GENERATOR: "apierror-badgenerator-notgenerator" = "Module <kbd>$1</kbd> cannot be used as a generator.";
    BAD_INTEGER: "paramvalidator-badinteger" = "Invalid value \"$2\" for integer parameter \"$1\".";
    BAD_MODULE_BAD_SUBMODULE: "apierror-badmodule-badsubmodule" =
        "The module <kbd>$1</kbd> does not have a submodule \"$2\".";
    BAD_MODULE_NO_SUBMODULES: "apierror-badmodule-nosubmodules" = "The module <kbd>$1</kbd> has no submodules.";
    BAD_TIMESTAMP: "paramvalidator-badtimestamp" =
        "Invalid value \"$2\" for timestamp parameter \"$1\".";
    BAD_TOKEN: "apierror-badtoken" = "Invalid CSRF token.";
    BAD_URL: "apierror-badurl" = "Invalid value \"$2\" for URL parameter <var>$1</var>.";
    BAD_USER: "paramvalidator-baduser" = "Invalid value \"$2\" for user parameter \"$1\".";
    BAD_UTF8: "apiwarn-badutf8" =
        "The value passed for <var>$1</var> contains invalid or non-normalized data. Textual data should be valid, \
         NFC-normalized Unicode without C0 control characters other than HT (\\t), LF (\\n), and CR (\\r).";
    BAD_VALUE: "paramvalidator-badvalue-enumnotmulti" = "Unrecognized value for parameter \"$1\": $2.";
    CANNOT_LOG_IN: "userlogin-cannot-login" = "\u{29fc}userlogin-cannot-login\u{29fd}";
    CANNOT_USE_WITH: "apierror-invalidparammix-cannotusewith" =
        "The <kbd>$1</kbd> parameter cannot be used with <kbd>$2</kbd>.";
    CHECK_TOKEN_ENCODING: "apiwarn-checktoken-percentencoding" =
        "Check that symbols such as \"+\" in the token are properly percent-encoded in the URL.";
    CONTENT_TOO_LARGE: "apierror-http-contenttoolarge" = "The request body is larger than $1 bytes.";
    DEBUG_API: "apiwarn-wgdebugapi" = "<strong>Security Warning</strong>: <var>$wgDebugAPI</var> is enabled.";
    EDIT_DENIED: "apierror-permissiondenied" = "You don't have permission to $1.";
    ERROR_PRINTER_FAILED: "apiwarn-errorprinterfailed" = "Error printer failed. Will retry without params.";
    EXCEPTION: "apierror-exceptioncaught" = "[$1] Exception caught: $2";
    EXCEPTION_TYPE: "apierror-exceptioncaughttype" = "[$1] Caught exception of type $2";
    EXCLUSIVE_PARAMS: "apierror-invalidparammix" =
        "The parameters $1 can not be used together.";
    EXCLUSIVE_VALUES: "apierror-show" = "Incorrect parameter - mutually exclusive values may not be supplied.";
    HTTPS_EXPECTED: "apiwarn-deprecation-httpsexpected" = "HTTP used when HTTPS was expected.";
    INTERNAL_USE_ONLY: "apierror-bouncehandler-internalonly" = "This API module is for internal use only.";
    INVALID_METHOD: "apierror-invalidmethod" = "Invalid HTTP method. Consider using GET or POST.";
    LOGIN_BAD_PROVIDER: "api-login-fail-badsessionprovider" = "Cannot log in when using $1.";
    LOGIN_SAME_ORIGIN: "api-login-fail-sameorigin" =
        "Cannot log in when the same-origin policy is not applied.";
    LOGIN_SESSION_LOST: "authpage-cannot-login-continue" =
        "Unable to continue login. Your session most likely timed out.";
    LOGIN_THROTTLED: "login-throttled" =
        "You have made too many recent login attempts.\nPlease wait $1 before trying again.";
    LOGIN_TOKEN_DEPRECATED: "apiwarn-deprecation-login-token" =
        "Fetching a token via <kbd>action=login</kbd> is deprecated. Use <kbd>action=query&meta=tokens&type=login</kbd> \
         instead.";
    MAILING_LIST: "api-usage-mailinglist-ref" =
        "Subscribe to the mediawiki-api-announce mailing list at \
         &lt;https://lists.wikimedia.org/postorius/lists/mediawiki-api-announce.lists.wikimedia.org/&gt; \
         for notice of API deprecations and breaking changes.";
    MAIN_LOGIN_DEPRECATED: "apiwarn-deprecation-login-botpw" =
        "Main-account login via <kbd>action=login</kbd> is deprecated and may stop working without warning. To continue \
         login with <kbd>action=login</kbd>, see [[Special:BotPasswords]]. To safely continue using main-account login, \
         see <kbd>action=clientlogin</kbd>.";
    MAIN_PAGE: "mainpage" = "Main Page";
    MAX_LAG: "apierror-maxlag-generic" =
        "Waiting for a database server: $1 second lagged." | "Waiting for a database server: $1 seconds lagged.";
    MISSING_AT_LEAST_ONE_OF: "apierror-missingparam-at-least-one-of" =
        "The parameter $1 is required." | "At least one of the parameters $1 is required.";
    MISSING_ONE_OF: "apierror-missingparam-one-of" =
        "The parameter $1 is required." | "One of the parameters $1 is required.";
    MISSING_PARAM: "paramvalidator-missingparam" = "The \"$1\" parameter must be set.";
    MUST_BE_LOGGED_IN: "apierror-mustbeloggedin-generic" = "You must be logged in.";
    MUST_BE_POSTED: "apierror-mustbeposted" = "The <kbd>$1</kbd> module requires a POST request.";
    MUST_POST_PARAMS: "apierror-mustpostparams" =
        "The following parameter was found in the query string, but must be in the POST body: $1." |
        "The following parameters were found in the query string, but must be in the POST body: $1.";
    NOT_MULTI: "paramvalidator-notmulti" =
        "Parameter \"$1\" accepts only a single value. U+001F multi-value separation may only be used for multi-valued \
         parameters.";
    NO_NAME: "noname" = "You have not specified a valid username.";
    ONLY_TEXT: "$1" = "$1";
    OUT_OF_RANGE_MIN: "paramvalidator-outofrange-min" = "The value \"$2\" for parameter \"$1\" must be no less than $3.";
    OUT_OF_RANGE_MIN_MAX: "paramvalidator-outofrange-minmax" =
        "The value \"$2\" for parameter \"$1\" must be between $3 and $4.";
    PARAM_DEPRECATED: "paramvalidator-param-deprecated" = "The parameter \"$1\" has been deprecated.";
    PASSWORD_LABEL: "userlogin-yourpassword" = "Password";
    POST_WITHOUT_CONTENT_TYPE: "apiwarn-deprecation-post-without-content-type" =
        "A POST request was made without a <code>Content-Type</code> header. This does not work reliably.";
    PROMISED_NON_WRITE: "apierror-promised-nonwrite-api" =
        "The <code>Promise-Non-Write-API-Action</code> HTTP header cannot be sent to write-mode API modules.";
    RANGE_TOO_BROAD: "apierror-cidrtoobroad" = "$1 CIDR ranges broader than /$2 are not accepted.";
    READ_DENIED: "apierror-readapidenied" = "You need read permission to use this module.";
    READ_ONLY: "apierror-readonly" = "The wiki is currently in read-only mode.";
    REMEMBER_LABEL: "userlogin-remembermypassword" = "Keep me logged in";
    TITLE_CHARACTERS: "title-invalid-characters" = "The requested page title contains invalid characters: \"$1\".";
    TITLE_COLON: "title-invalid-leading-colon" =
        "The requested page title contains an invalid colon at the beginning.";
    TITLE_EMPTY: "title-invalid-empty" =
        "The requested page title is empty or contains only the name of a namespace.";
    TITLE_RELATIVE: "title-invalid-relative" =
        "Title has relative path. Relative page titles (./, ../) are invalid, because they will often be unreachable when \
         handled by user's browser.";
    TITLE_TALK: "title-invalid-talk-namespace" = "The requested page title refers to a talk page that cannot exist.";
    TITLE_TILDE: "title-invalid-magic-tilde" =
        "The requested page title contains invalid magic tilde sequence (<nowiki>~~~</nowiki>).";
    TITLE_TOO_LONG: "title-invalid-too-long" =
        "The requested page title is too long. It must be no longer than $1 byte in UTF-8 encoding." |
        "The requested page title is too long. It must be no longer than $1 bytes in UTF-8 encoding.";
    TITLE_UTF8: "title-invalid-utf8" = "The requested page title contains an invalid UTF-8 sequence.";
    TOKENS_ORIGIN: "apiwarn-tokens-origin" =
        "Tokens may not be obtained when the same-origin policy is not applied.";
    TOO_MANY_VALUES: "paramvalidator-toomanyvalues" =
        "Too many values supplied for parameter \"$1\". The limit is $2.";
    UNCLEAR_NOW: "paramvalidator-unclearnowtimestamp" =
        "Passing \"$2\" for timestamp parameter \"$1\" has been deprecated. If for some reason you need to explicitly \
         specify the current time without calculating it client-side, use \"now\".";
    UNKNOWN_GENERATOR: "apierror-badgenerator-unknown" = "Unknown <kbd>generator=$1</kbd>.";
    UNRECOGNIZED_PARAMS: "apierror-unrecognizedparams" =
        "Unrecognized parameter: $1." | "Unrecognized parameters: $1.";
    UNRECOGNIZED_VALUES: "paramvalidator-unrecognizedvalues" =
        "Unrecognized value for parameter \"$1\": $3" | "Unrecognized values for parameter \"$1\": $3";
    UNSUPPORTED_ARRAY: "apiwarn-unsupportedarray" =
        "Parameter <var>$1</var> uses unsupported PHP array syntax.";
    USERNAME_LABEL: "userlogin-yourname" = "Username";
    USER_MAIL_DISABLED: "usermaildisabled" = "User email disabled";
    WRONG_PASSWORD: "wrongpassword" = "Incorrect username or password entered.\nPlease try again.";
    XSLT_DISABLED: "apiwarn-xslt-disabled" = "The xslt option is disabled on this wiki.";
}

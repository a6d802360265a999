//! What wikitext may contain, besides magic words.

use super::SiteCall;
use crate::api::result::Value;

/// `extensiontags`
pub(super) fn extension_tags(_: &SiteCall<'_>) -> Value {
    let tags = EXTENSION_TAGS.iter().map(|name| format!("<{name}>"));
    Value::texts("t", tags)
}

/// `functionhooks`
pub(super) fn function_hooks(_: &SiteCall<'_>) -> Value {
    Value::texts("h", FUNCTION_HOOKS)
}

/// `variables`
pub(super) fn variables(_: &SiteCall<'_>) -> Value {
    Value::texts("v", VARIABLES)
}

/// `protocols`
pub(super) fn protocols(_: &SiteCall<'_>) -> Value {
    Value::texts("p", PROTOCOLS)
}

/// Elements that are no HTML.
#[rustfmt::skip]
const EXTENSION_TAGS: &[&str] = &[
    "pre", "nowiki", "gallery", "indicator", "langconvert",
];

/// Functions of the parser.
#[rustfmt::skip]
const FUNCTION_HOOKS: &[&str] = &[
    "ns", "nse", "urlencode", "lcfirst", "ucfirst", "lc", "uc", "localurl", "localurle", "fullurl", "fullurle",
    "canonicalurl", "canonicalurle", "formatnum", "grammar", "gender", "plural", "bidi", "numberofpages",
    "numberofusers", "numberofactiveusers", "numberofarticles", "numberoffiles", "numberofadmins", "numberingroup",
    "numberofedits", "language", "padleft", "padright", "anchorencode", "defaultsort", "filepath", "pagesincategory",
    "pagesize", "protectionlevel", "protectionexpiry", "namespace", "namespacee", "namespacenumber", "talkspace",
    "talkspacee", "subjectspace", "subjectspacee", "pagename", "pagenamee", "fullpagename", "fullpagenamee",
    "rootpagename", "rootpagenamee", "basepagename", "basepagenamee", "subpagename", "subpagenamee", "talkpagename",
    "talkpagenamee", "subjectpagename", "subjectpagenamee", "pageid", "revisionid", "revisionday", "revisionday2",
    "revisionmonth", "revisionmonth1", "revisionyear", "revisiontimestamp", "revisionuser", "cascadingsources", "int",
    "special", "speciale", "tag", "formatdate", "displaytitle",
];

/// Words that stand for a value.
#[rustfmt::skip]
const VARIABLES: &[&str] = &[
    "!", "=", "currentmonth", "currentmonth1", "currentmonthname", "currentmonthnamegen", "currentmonthabbrev",
    "currentday", "currentday2", "currentdayname", "currentyear", "currenttime", "currenthour", "localmonth",
    "localmonth1", "localmonthname", "localmonthnamegen", "localmonthabbrev", "localday", "localday2", "localdayname",
    "localyear", "localtime", "localhour", "numberofarticles", "numberoffiles", "numberofedits", "articlepath",
    "pageid", "sitename", "server", "servername", "scriptpath", "stylepath", "pagename", "pagenamee", "fullpagename",
    "fullpagenamee", "namespace", "namespacee", "namespacenumber", "currentweek", "currentdow", "localweek",
    "localdow", "revisionid", "revisionday", "revisionday2", "revisionmonth", "revisionmonth1", "revisionyear",
    "revisiontimestamp", "revisionuser", "revisionsize", "subpagename", "subpagenamee", "talkspace", "talkspacee",
    "subjectspace", "subjectspacee", "talkpagename", "talkpagenamee", "subjectpagename", "subjectpagenamee",
    "numberofusers", "numberofactiveusers", "numberofpages", "currentversion", "rootpagename", "rootpagenamee",
    "basepagename", "basepagenamee", "currenttimestamp", "localtimestamp", "directionmark", "contentlanguage",
    "pagelanguage", "numberofadmins", "cascadingsources",
];

/// Beginnings of addresses that become links (recorded case siteinfo/protocols-fv2).
#[rustfmt::skip]
const PROTOCOLS: &[&str] = &[
    "bitcoin:", "ftp://", "ftps://", "geo:", "git://", "gopher://", "http://", "https://", "irc://", "ircs://",
    "magnet:", "mailto:", "matrix:", "mms://", "news:", "nntp://", "redis://", "sftp://", "sip:", "sips:", "sms:",
    "ssh://", "svn://", "tel:", "telnet://", "urn:", "worldwind://", "xmpp:", "//",
];

//! The options of a user who has changed none. Nobody can change one here.
//!
//! Recorded case: `query/userinfo-options`; what that does not have is as in MediaWiki 1.39.

use super::result::{Object, Value};

/// Languages that are written in several ways; each has itself as its default.
const WITH_VARIANTS: [&str; 12] = [
    "ban", "en", "crh", "gan", "iu", "kk", "ku", "shi", "sr", "tg", "uz", "zh",
];

/// Namespaces that can be searched, from 0 on; by default only the first is.
const NAMESPACES: i64 = 16;

const DEFAULTS: &[(&str, Default)] = &[
    ("ccmeonemails", Default::Number(0)),
    ("date", Default::Text("default")),
    ("diffonly", Default::Number(0)),
    ("disablemail", Default::Number(0)),
    ("editfont", Default::Text("monospace")),
    ("editondblclick", Default::Number(0)),
    ("editsectiononrightclick", Default::Number(0)),
    ("email-allow-new-users", Default::Number(1)),
    ("enotifminoredits", Default::Number(0)),
    ("enotifrevealaddr", Default::Number(0)),
    ("enotifusertalkpages", Default::Number(1)),
    ("enotifwatchlistpages", Default::Number(1)),
    ("extendwatchlist", Default::Number(1)),
    ("fancysig", Default::Number(0)),
    ("forceeditsummary", Default::Number(0)),
    ("gender", Default::Text("unknown")),
    ("hideminor", Default::Number(0)),
    ("hidepatrolled", Default::Number(0)),
    ("hidecategorization", Default::Number(1)),
    ("imagesize", Default::Number(2)),
    ("minordefault", Default::Number(0)),
    ("newpageshidepatrolled", Default::Number(0)),
    ("nickname", Default::Text("")),
    ("pst-cssjs", Default::Number(1)),
    ("norollbackdiff", Default::Number(0)),
    ("previewonfirst", Default::Number(0)),
    ("previewontop", Default::Number(1)),
    ("rcdays", Default::Number(7)),
    ("rcenhancedfilters-disable", Default::Number(0)),
    ("rclimit", Default::Number(50)),
    ("search-match-redirect", Default::Yes),
    ("search-special-page", Default::Text("Search")),
    ("searchlimit", Default::Number(20)),
    ("showhiddencats", Default::Number(0)),
    ("shownumberswatching", Default::Number(1)),
    ("showrollbackconfirmation", Default::Number(0)),
    ("skin", Default::Text(DEFAULT_SKIN)),
    ("thumbsize", Default::Number(5)),
    ("underline", Default::Number(2)),
    ("uselivepreview", Default::Number(0)),
    ("usenewrc", Default::Number(1)),
    ("watchcreations", Default::Number(1)),
    ("watchdefault", Default::Number(1)),
    ("watchdeletion", Default::Number(0)),
    ("watchuploads", Default::Number(1)),
    ("watchlistdays", Default::Number(7)),
    ("watchlisthideanons", Default::Number(0)),
    ("watchlisthidebots", Default::Number(0)),
    ("watchlisthideliu", Default::Number(0)),
    ("watchlisthideminor", Default::Number(0)),
    ("watchlisthideown", Default::Number(0)),
    ("watchlisthidepatrolled", Default::Number(0)),
    ("watchlisthidecategorization", Default::Number(1)),
    ("watchlistreloadautomatically", Default::Number(0)),
    ("watchlistunwatchlinks", Default::Number(0)),
    ("watchmoves", Default::Number(0)),
    ("watchrollback", Default::Number(0)),
    ("wlenhancedfilters-disable", Default::Number(0)),
    ("wllimit", Default::Number(250)),
    ("useeditwarning", Default::Number(1)),
    ("prefershttps", Default::Number(1)),
    ("requireemail", Default::Number(0)),
    ("skin-responsive", Default::Number(1)),
    ("timecorrection", Default::Text("System|0")),
];

#[derive(Debug, Clone, Copy)]
enum Default {
    Number(i64),
    Text(&'static str),
    Yes,
}

/// The skin that users have before they choose one (recorded case `siteinfo/skins`).
pub const DEFAULT_SKIN: &str = "vector-2022";

/// The options on a wiki in this language, in the order of the original.
pub fn defaults(language: &str) -> Object {
    let mut options = Object::default();
    for (name, default) in DEFAULTS {
        let value = match default {
            Default::Number(number) => Value::Number(*number),
            Default::Text(text) => Value::text(text),
            // In both format versions, unlike what the API itself says yes to.
            Default::Yes => Value::PlainBool(true),
        };
        options.set(*name, value);
    }
    options.set("language", Value::text(language));
    options.set("variant", Value::text(language));
    for code in WITH_VARIANTS {
        options.set(format!("variant-{code}"), Value::text(code));
    }
    for namespace in 0..NAMESPACES {
        let is_searched = i64::from(namespace == 0);
        options.set(format!("searchNs{namespace}"), Value::Number(is_searched));
    }
    options
}

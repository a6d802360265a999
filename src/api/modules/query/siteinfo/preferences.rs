//! What users find in their preferences before they change them.

use super::SiteCall;
use crate::api::result::{Object, Value};

/// `defaultoptions`
pub(super) fn default_options(call: &SiteCall<'_>) -> Value {
    let mut options = Object::default();
    for (name, value) in OPTIONS {
        let value = match value {
            Number(number) => Value::Number(*number),
            Text(text) => Value::text(text),
            Yes => Value::PlainBool(true),
            Skin => Value::text(super::components::DEFAULT_SKIN),
            ContentLanguage => Value::text(&call.site().language),
        };
        options.set(*name, value);
    }
    options.into()
}

enum Preference {
    Number(i64),
    Text(&'static str),
    Yes,
    Skin,
    ContentLanguage,
}

use Preference::{ContentLanguage, Number, Skin, Text, Yes};

/// The preferences.
#[rustfmt::skip]
const OPTIONS: &[(&str, Preference)] = &[
    ("ccmeonemails", Number(0)),
    ("date", Text("default")),
    ("diffonly", Number(0)),
    ("disablemail", Number(0)),
    ("editfont", Text("monospace")),
    ("editondblclick", Number(0)),
    ("editsectiononrightclick", Number(0)),
    ("email-allow-new-users", Number(1)),
    ("enotifminoredits", Number(0)),
    ("enotifrevealaddr", Number(0)),
    ("enotifusertalkpages", Number(1)),
    ("enotifwatchlistpages", Number(1)),
    ("extendwatchlist", Number(1)),
    ("fancysig", Number(0)),
    ("forceeditsummary", Number(0)),
    ("gender", Text("unknown")),
    ("hideminor", Number(0)),
    ("hidepatrolled", Number(0)),
    ("hidecategorization", Number(1)),
    ("imagesize", Number(2)),
    ("minordefault", Number(0)),
    ("newpageshidepatrolled", Number(0)),
    ("nickname", Text("")),
    ("pst-cssjs", Number(1)),
    ("norollbackdiff", Number(0)),
    ("previewonfirst", Number(0)),
    ("previewontop", Number(1)),
    ("rcdays", Number(7)),
    ("rcenhancedfilters-disable", Number(0)),
    ("rclimit", Number(50)),
    ("search-match-redirect", Yes),
    ("search-special-page", Text("Search")),
    ("searchlimit", Number(20)),
    ("showhiddencats", Number(0)),
    ("shownumberswatching", Number(1)),
    ("showrollbackconfirmation", Number(0)),
    ("skin", Skin),
    ("thumbsize", Number(5)),
    ("underline", Number(2)),
    ("uselivepreview", Number(0)),
    ("usenewrc", Number(1)),
    ("watchcreations", Number(1)),
    ("watchdefault", Number(1)),
    ("watchdeletion", Number(0)),
    ("watchuploads", Number(1)),
    ("watchlistdays", Number(7)),
    ("watchlisthideanons", Number(0)),
    ("watchlisthidebots", Number(0)),
    ("watchlisthideliu", Number(0)),
    ("watchlisthideminor", Number(0)),
    ("watchlisthideown", Number(0)),
    ("watchlisthidepatrolled", Number(0)),
    ("watchlisthidecategorization", Number(1)),
    ("watchlistreloadautomatically", Number(0)),
    ("watchlistunwatchlinks", Number(0)),
    ("watchmoves", Number(0)),
    ("watchrollback", Number(0)),
    ("wlenhancedfilters-disable", Number(0)),
    ("wllimit", Number(250)),
    ("useeditwarning", Number(1)),
    ("prefershttps", Number(1)),
    ("requireemail", Number(0)),
    ("skin-responsive", Number(1)),
    ("timecorrection", Text("System|0")),
    ("language", ContentLanguage),
    ("variant", ContentLanguage),
    ("variant-ban", Text("ban")),
    ("variant-en", Text("en")),
    ("variant-crh", Text("crh")),
    ("variant-gan", Text("gan")),
    ("variant-iu", Text("iu")),
    ("variant-kk", Text("kk")),
    ("variant-ku", Text("ku")),
    ("variant-shi", Text("shi")),
    ("variant-sr", Text("sr")),
    ("variant-tg", Text("tg")),
    ("variant-uz", Text("uz")),
    ("variant-zh", Text("zh")),
    ("searchNs0", Number(1)),
    ("searchNs1", Number(0)),
    ("searchNs2", Number(0)),
    ("searchNs3", Number(0)),
    ("searchNs4", Number(0)),
    ("searchNs5", Number(0)),
    ("searchNs6", Number(0)),
    ("searchNs7", Number(0)),
    ("searchNs8", Number(0)),
    ("searchNs9", Number(0)),
    ("searchNs10", Number(0)),
    ("searchNs11", Number(0)),
    ("searchNs12", Number(0)),
    ("searchNs13", Number(0)),
    ("searchNs14", Number(0)),
    ("searchNs15", Number(0)),
];

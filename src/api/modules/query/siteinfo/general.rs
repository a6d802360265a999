//! The wiki as a whole.

use super::{SiteCall, languages};
use crate::api::result::{Object, Value};
use crate::api::site::Site;

/// The MediaWiki that is stood in for.
const GENERATOR: &str = "MediaWiki 1.43.9";

/// The PHP of the recorded wiki; its reading of requests is the one that is stood in for.
const PHP_VERSION: &str = "8.2.36";

/// The page that a new wiki begins with.
const MAIN_PAGE: &str = "Main Page";

/// `general`
pub(super) fn general(call: &SiteCall<'_>) -> Value {
    let site = call.site();
    let mut general = names(site);
    general.extend(software(site));
    general.extend(titles());
    general.extend(language(site));
    general.extend(state(call));
    general.extend(addresses(call));
    general.extend(uploads());
    general.extend(looks(site));
    general.into()
}

/// `rightsinfo`: the licence of the content; none is named.
pub(super) fn rights_info(_: &SiteCall<'_>) -> Value {
    Object::of([("url", Value::text("")), ("text", Value::text(""))]).into()
}

fn names(site: &Site) -> Object {
    Object::of([
        ("mainpage", Value::text(MAIN_PAGE)),
        ("base", Value::text(site.page_url(MAIN_PAGE))),
        ("sitename", Value::text(&site.name)),
        ("mainpageisdomainroot", Value::Bool(false)),
        (
            "logo",
            Value::text(format!(
                "{}{}/resources/assets/change-your-logo.svg",
                site.server, site.script_path
            )),
        ),
    ])
}

fn software(site: &Site) -> Object {
    let own = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    Object::of([
        ("generator", Value::text(GENERATOR)),
        ("phpversion", Value::text(PHP_VERSION)),
        ("phpsapi", Value::text(env!("CARGO_PKG_NAME"))),
        ("dbtype", Value::text(&site.database_type)),
        ("dbversion", Value::text(own)),
        ("imagewhitelistenabled", Value::Bool(false)),
        ("langconversion", Value::Bool(true)),
        ("linkconversion", Value::Bool(true)),
        ("titleconversion", Value::Bool(true)),
    ])
}

/// What pages may be called, and what becomes a link.
fn titles() -> Object {
    let title_chars = " %!\"$&'()*,\\-.\\/0-9:;=?@A-Z\\\\^_`a-z~\\x80-\\xFF+";
    Object::of([
        ("linkprefixcharset", Value::text("")),
        ("linkprefix", Value::text("")),
        ("linktrail", Value::text("/^([a-z]+)(.*)$/sD")),
        ("legaltitlechars", Value::text(title_chars)),
        ("invalidusernamechars", Value::text("@:>=")),
        ("allunicodefixes", Value::Bool(false)),
        ("fixarabicunicode", Value::Bool(true)),
        ("fixmalayalamunicode", Value::Bool(true)),
        ("case", Value::text("first-letter")),
    ])
}

/// The language of the content. What its speakers read if need be ends with English.
fn language(site: &Site) -> Object {
    let known = languages::by_code(&site.language);
    let fallbacks = known.map_or(&[][..], |language| language.fallbacks);
    let english = (site.language != "en").then_some("en");
    let fallbacks = fallbacks.iter().copied().chain(english);
    let rows = fallbacks.map(|code| Object::of([("code", Value::text(code))]).into());
    Object::of([
        ("lang", Value::text(&site.language)),
        ("fallback", Value::list("lang", rows)),
        (
            "rtl",
            Value::Bool(known.is_some_and(|language| language.is_rtl)),
        ),
        ("fallback8bitEncoding", Value::text("windows-1252")),
    ])
}

fn state(call: &SiteCall<'_>) -> Object {
    let read_only = call.query.api.read_only.as_deref();
    let mut state = Object::of([("readonly", Value::Bool(read_only.is_some()))]);
    if let Some(reason) = read_only {
        state.set("readonlyreason", Value::text(reason));
    }
    state.set("writeapi", Value::Bool(true));
    state.set("maxarticlesize", Value::Number(2_097_152));
    state
}

fn addresses(call: &SiteCall<'_>) -> Object {
    let (site, now) = (call.site(), call.query.now);
    Object::of([
        ("timezone", Value::text(site.time_zone.name())),
        (
            "timeoffset",
            Value::Number(site.time_zone.minutes_ahead(now)),
        ),
        ("articlepath", Value::text(&site.article_path)),
        ("scriptpath", Value::text(&site.script_path)),
        (
            "script",
            Value::text(format!("{}/index.php", site.script_path)),
        ),
        ("variantarticlepath", Value::PlainBool(false)),
        ("server", Value::text(&site.server)),
        ("servername", Value::text(site.server_name())),
        ("wikiid", Value::text(call.query.api.wiki.as_str())),
        ("time", Value::text(now.to_iso())),
        ("misermode", Value::Bool(false)),
    ])
}

fn uploads() -> Object {
    Object::of([
        ("uploadsenabled", Value::Bool(false)),
        ("maxuploadsize", Value::Number(104_857_600)),
        ("minuploadchunksize", Value::Number(1024)),
        ("galleryoptions", gallery().into()),
        ("thumblimits", thumbnail_widths()),
        ("imagelimits", image_sizes()),
    ])
}

fn gallery() -> Object {
    Object::of([
        ("imagesPerRow", Value::Number(0)),
        ("imageWidth", Value::Number(120)),
        ("imageHeight", Value::Number(120)),
        ("captionLength", Value::Bool(true)),
        ("showBytes", Value::Bool(true)),
        ("showDimensions", Value::Bool(true)),
        ("mode", Value::text("traditional")),
    ])
}

/// The widths of thumbnails that users can choose from.
fn thumbnail_widths() -> Value {
    counted([120, 150, 180, 200, 250, 300].map(Value::Number))
}

/// The sizes of images on their pages that users can choose from.
fn image_sizes() -> Value {
    let sizes = [
        (320, 240),
        (640, 480),
        (800, 600),
        (1024, 768),
        (1280, 1024),
        (2560, 2048),
    ];
    let size = |(width, height)| {
        let size = [
            ("width", Value::Number(width)),
            ("height", Value::Number(height)),
        ];
        Object::of(size).into()
    };
    counted(sizes.map(size))
}

/// Values whose names are the numbers from 0 on.
fn counted<const N: usize>(values: [Value; N]) -> Value {
    let mut counted = Object::default().numbered("limit").listed_in_v1();
    for (place, value) in values.into_iter().enumerate() {
        counted.set(place.to_string(), value);
    }
    counted.into()
}

fn looks(site: &Site) -> Object {
    let magic_links = ["ISBN", "PMID", "RFC"].map(|name| (name, Value::Bool(false)));
    Object::of([
        (
            "favicon",
            Value::text(format!("{}/favicon.ico", site.full_server())),
        ),
        ("centralidlookupprovider", Value::text("local")),
        ("allcentralidlookupproviders", Value::texts("_v", ["local"])),
        ("interwikimagic", Value::Bool(true)),
        ("magiclinks", Object::of(magic_links).or_empty_list().into()),
        ("categorycollation", Value::text("uppercase")),
        ("nofollowlinks", Value::Bool(true)),
        ("nofollownsexceptions", Value::list("_v", [])),
        (
            "nofollowdomainexceptions",
            Value::texts("_v", ["mediawiki.org"]),
        ),
        ("externallinktarget", Value::Bool(false)),
    ])
}

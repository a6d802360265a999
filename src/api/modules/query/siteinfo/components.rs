//! What is installed: the extension that is stood in for, and nothing that this program does not have.

use super::SiteCall;
use crate::api::result::{Object, Value};
use crate::api::user_options::DEFAULT_SKIN;

/// `extensions` (recorded case `siteinfo/extensions-fv1`).
pub(super) fn extensions(call: &SiteCall<'_>) -> Value {
    let name = "BounceHandler";
    let author = "Tony Thomas, Kunal Mehta, Jeff Green, Sam Reed";
    let url = "https://www.mediawiki.org/wiki/Extension:BounceHandler";
    let licence_page = format!("Special:Version/License/{name}");
    let row = Object::of([
        ("type", Value::text("other")),
        ("name", Value::text(name)),
        ("descriptionmsg", Value::text("bouncehandler-desc")),
        ("author", Value::text(author)),
        ("url", Value::text(url)),
        ("version", Value::text("1.0")),
        ("license-name", Value::text("GPL-2.0-or-later")),
        ("license", Value::text(call.site().page_path(&licence_page))),
    ]);
    Value::list("ext", [row.into()])
}

/// `skins`: the default one, and those that are part of MediaWiki and no user can choose.
pub(super) fn skins(_: &SiteCall<'_>) -> Value {
    let skins = [
        (DEFAULT_SKIN, "Vector (2022)", "default"),
        ("fallback", "Fallback", "unusable"),
        ("apioutput", "ApiOutput", "unusable"),
    ];
    let rows = skins.map(|(code, name, mark)| {
        let mut row = Object::of([("code", Value::text(code))]);
        row.set_content("name", Value::text(name));
        row.set(mark, Value::Bool(true));
        row.into()
    });
    Value::list("skin", rows)
}

/// `libraries`: libraries of PHP, of which none is here.
pub(super) fn libraries(_: &SiteCall<'_>) -> Value {
    Value::list("library", [])
}

/// `clientlibraries`: libraries for browsers, of which none is here.
pub(super) fn client_libraries(_: &SiteCall<'_>) -> Value {
    Value::list("library", [])
}

/// `showhooks`: places at which extensions change what MediaWiki does; nothing can be changed here.
pub(super) fn hooks(_: &SiteCall<'_>) -> Value {
    Value::list("hook", [])
}

//! How files would be uploaded.

use super::SiteCall;
use crate::api::result::{Object, Value};

/// `fileextensions` (recorded case `siteinfo/fileextensions-fv1`).
pub(super) fn file_extensions(_: &SiteCall<'_>) -> Value {
    let extensions = ["png", "gif", "jpg", "jpeg", "webp"];
    let rows = extensions.map(|name| Object::of([("ext", Value::text(name))]).into());
    Value::list("fe", rows)
}

/// `uploaddialog`
pub(super) fn upload_dialog(_: &SiteCall<'_>) -> Value {
    let texts = |texts: &[(&'static str, &str)]| {
        let mut object = Object::default();
        for (name, text) in texts {
            object.set(*name, Value::text(text));
        }
        Value::from(object)
    };
    let fields = Object::of([
        ("description", Value::Bool(true)),
        ("date", Value::Bool(false)),
        ("categories", Value::Bool(false)),
    ]);
    let format = [
        ("filepage", "$DESCRIPTION"),
        ("description", "$TEXT"),
        ("ownwork", ""),
        ("license", ""),
        ("uncategorized", ""),
    ];
    let licences = [("local", "generic-local"), ("foreign", "generic-foreign")];
    let dialog = [
        ("fields", fields.into()),
        ("licensemessages", texts(&licences)),
        ("comment", texts(&[("local", ""), ("foreign", "")])),
        ("format", texts(&format)),
    ];
    Object::of(dialog).into()
}

//! How pages can be protected.

use super::SiteCall;
use crate::api::result::{Object, Value};

/// `restrictions` (recorded case `siteinfo/restrictions-fv1`).
pub(super) fn restrictions(_: &SiteCall<'_>) -> Value {
    let types = ["create", "edit", "move", "upload"];
    let restrictions = [
        ("types", Value::texts("type", types)),
        (
            "levels",
            Value::texts("level", ["", "autoconfirmed", "sysop"]),
        ),
        ("cascadinglevels", Value::texts("level", ["sysop"])),
        (
            "semiprotectedlevels",
            Value::texts("level", ["autoconfirmed"]),
        ),
    ];
    Object::of(restrictions).into()
}

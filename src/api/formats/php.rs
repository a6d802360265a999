//! The format `php`: what PHP's `unserialize()` reads.

use super::{DATA_FORMATS, Document, FORMAT_VERSION, FormatInfo, PrintCall, no_warning};
use crate::api::module::{Group, ModuleInfo};
use crate::api::params::Params;
use crate::api::result::{FormatVersion, Object, Printed};
use crate::php_serialize::{self, PhpKey, PhpValue};

/// The format.
pub static INFO: FormatInfo = FormatInfo {
    info: ModuleInfo {
        name: "php",
        path: "php",
        group: Group::Format,
        class: "MediaWiki\\Api\\ApiFormatPhp",
        help_urls: DATA_FORMATS,
        summary: "The answer as serialized by PHP.",
        params: &[FORMAT_VERSION],
        ..ModuleInfo::BASE
    },
    warn: no_warning,
    print,
};

fn print(call: &PrintCall<'_>, result: &Object) -> Document {
    Document::data(
        "application/vnd.php.serialized; charset=utf-8",
        "api-result.php",
        text(call.params, result),
    )
}

/// The result, serialized.
pub(super) fn text(params: &Params<'_>, result: &Object) -> String {
    let printed = Printed::result(result, FormatVersion::asked_by(params));
    let bytes = php_serialize::write(&php_value(&printed));
    // The parts are valid UTF-8, and so is what is between them.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// PHP has arrays for lists and maps; names that are integers are so as keys too.
fn php_value<'r>(value: &'r Printed<'_>) -> PhpValue<'r> {
    match value {
        Printed::Null => PhpValue::Null,
        Printed::Bool(yes) => PhpValue::Bool(*yes),
        Printed::Number(number) => PhpValue::Int(*number),
        Printed::Decimal(digits) => PhpValue::Float(digits.parse().unwrap_or_default()),
        Printed::Text(text) => PhpValue::Str(text.as_bytes()),
        Printed::List(items) => {
            let places = (0_i64..).map(PhpKey::Int);
            PhpValue::Array(places.zip(items.iter().map(php_value)).collect())
        }
        Printed::Map(entries) => {
            let entries = entries.iter();
            let entries = entries
                .map(|(name, value)| (PhpKey::from_bytes(name.as_bytes()), php_value(value)));
            PhpValue::Array(entries.collect())
        }
    }
}

//! Titles with the canonical names of their namespaces.

use super::{JobFacts, put};
use crate::php_serialize::PhpValue;
use std::borrow::Cow;
use std::str;

/// Canonical names of MediaWiki's own namespaces; `None` stands for the name of the wiki.
const NAMESPACES: &[(i64, Option<&str>, &str)] = &[
    (-2, Some("Media"), ""),
    (-1, Some("Special"), ""),
    (1, Some("Talk"), ""),
    (2, Some("User"), ""),
    (3, Some("User_talk"), ""),
    (4, None, ""),
    (5, None, "_talk"),
    (6, Some("File"), ""),
    (7, Some("File_talk"), ""),
    (8, Some("MediaWiki"), ""),
    (9, Some("MediaWiki_talk"), ""),
    (10, Some("Template"), ""),
    (11, Some("Template_talk"), ""),
    (12, Some("Help"), ""),
    (13, Some("Help_talk"), ""),
    (14, Some("Category"), ""),
    (15, Some("Category_talk"), ""),
];

/// Appends the title of a job as a database key, with its namespace in front.
///
/// A job without a title has the empty one in namespace -1, and so has a job whose params say `null`. The namespace of
/// an extension is not known here and looks as in a wiki without that extension.
pub(super) fn write_prefixed(facts: &JobFacts<'_>, out: &mut Vec<u8>) {
    let (namespace, title) = match (namespace(facts), title(facts)) {
        (Some(namespace), Some(title)) => (namespace, title),
        _ => (-1, Cow::default()),
    };
    if namespace != 0 {
        write_namespace(namespace, facts.site_name, out);
        out.push(b':');
    }
    write_key(&title, out);
}

fn namespace(facts: &JobFacts<'_>) -> Option<i64> {
    match facts.params.get("namespace") {
        None => Some(facts.namespace),
        Some(PhpValue::Int(number)) => Some(*number),
        Some(PhpValue::Str(digits)) => {
            let number = str::from_utf8(digits)
                .ok()
                .and_then(|digits| digits.parse().ok());
            Some(number.unwrap_or(0))
        }
        Some(_) => None,
    }
}

fn title<'a>(facts: &JobFacts<'a>) -> Option<Cow<'a, [u8]>> {
    match facts.params.get("title") {
        None => Some(Cow::Borrowed(facts.title)),
        Some(PhpValue::Str(title)) => Some(Cow::Borrowed(title)),
        Some(PhpValue::Int(number)) => Some(Cow::Owned(number.to_string().into_bytes())),
        Some(_) => None,
    }
}

fn write_namespace(namespace: i64, site_name: &str, out: &mut Vec<u8>) {
    match NAMESPACES.iter().find(|(number, ..)| *number == namespace) {
        Some((_, Some(name), _)) => out.extend_from_slice(name.as_bytes()),
        Some((_, None, suffix)) => {
            write_key(site_name.as_bytes(), out);
            out.extend_from_slice(suffix.as_bytes());
        }
        None => put(out, format_args!("Special:Badtitle/NS{namespace}")),
    }
}

/// Database keys have underscores for spaces.
fn write_key(text: &[u8], out: &mut Vec<u8>) {
    let key = text
        .iter()
        .map(|byte| if *byte == b' ' { b'_' } else { *byte });
    out.extend(key);
}

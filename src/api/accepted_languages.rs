//! The languages that a client asks for by `Accept-Language` (RFC 9110 section 12.5.4), as the original reads them.

use super::result::{Object, Value};

/// The longest subtag of a language.
const LONGEST_SUBTAG: usize = 8;

/// A language and how much it is wanted, in thousandths.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    code: String,
    thousandths: u32,
}

/// The languages, those most wanted first.
pub fn list(header: &str) -> Value {
    let entry = |wanted: Wanted| {
        let quality = match wanted.thousandths {
            1000 => Value::Number(1),
            thousandths => {
                let digits = format!("0.{thousandths:03}");
                Value::Decimal(digits.trim_end_matches('0').to_owned())
            }
        };
        let mut entry = Object::of([("q", quality)]);
        entry.set_content("code", Value::text(wanted.code));
        Value::Object(entry)
    };
    Value::list("lang", read(header).into_iter().map(entry))
}

fn read(header: &str) -> Vec<Wanted> {
    let lower = header.to_ascii_lowercase();
    let mut rest = lower.as_str();
    let mut wanted: Vec<Wanted> = Vec::new();
    while let Some(first) = rest.chars().next() {
        let Some((code, after)) = code(rest) else {
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        };
        let (thousandths, after) = quality(after).unwrap_or((1000, after));
        rest = after;
        wanted.retain(|known| known.code != code);
        if thousandths > 0 {
            let code = code.to_owned();
            wanted.push(Wanted { code, thousandths });
        }
    }
    wanted.sort_by_key(|language| std::cmp::Reverse(language.thousandths));
    wanted
}

/// A code at the beginning, and what follows it.
fn code(text: &str) -> Option<(&str, &str)> {
    if text.starts_with('*') {
        return text.split_at_checked(1);
    }
    let mut end = subtag(text)?;
    while let Some(length) = text
        .get(end..)
        .and_then(|rest| rest.strip_prefix('-'))
        .and_then(subtag)
    {
        end = end.saturating_add(length).saturating_add(1);
    }
    text.split_at_checked(end)
}

/// The length of the letters at the beginning.
fn subtag(text: &str) -> Option<usize> {
    let letters = text.bytes().take(LONGEST_SUBTAG);
    let length = letters.take_while(u8::is_ascii_lowercase).count();
    (length > 0).then_some(length)
}

/// `;q=0.5` at the beginning, in thousandths, and what follows it. Without a number it is 1.
fn quality(text: &str) -> Option<(u32, &str)> {
    let rest = text.trim_start().strip_prefix(';')?.trim_start();
    let rest = rest.strip_prefix('q')?.trim_start();
    let rest = rest.strip_prefix('=')?.trim_start();
    if let Some(rest) = rest.strip_prefix('1') {
        return Some((1000, rest));
    }
    let Some(rest) = rest.strip_prefix('0') else {
        return Some((1000, rest));
    };
    let fraction = rest.strip_prefix('.').unwrap_or_default();
    let digits: String = fraction
        .chars()
        .take(3)
        .take_while(char::is_ascii_digit)
        .collect();
    let after = fraction.get(digits.len()..).unwrap_or_default();
    let after = if rest.starts_with('.') { after } else { rest };
    Some((format!("{digits:0<3}").parse().unwrap_or_default(), after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As a MediaWiki 1.39 reads them.
    #[test]
    fn languages_are_read_as_the_original_reads_them() {
        let table: [(&str, &[(&str, u32)]); 9] = [
            ("", &[]),
            (
                "de-DE,en;q=0.5, fr;q=0.7,*",
                &[("de-de", 1000), ("*", 1000), ("fr", 700), ("en", 500)],
            ),
            ("en;q=0", &[]),
            ("en;q=1.5,de", &[("en", 1000), ("de", 1000)]),
            ("en;q=", &[("en", 1000)]),
            ("en-US;q=0.123,*;q=0.1", &[("en-us", 123), ("*", 100)]),
            ("x", &[("x", 1000)]),
            (
                "zh-Hant-TW, en_US;q=0.3",
                &[("zh-hant-tw", 1000), ("en", 1000), ("us", 300)],
            ),
            ("a1-b2", &[("a", 1000), ("b", 1000)]),
        ];
        for (header, expected) in table {
            let wanted = read(header);
            let wanted: Vec<_> = wanted
                .iter()
                .map(|wanted| (&*wanted.code, wanted.thousandths))
                .collect();
            assert_eq!(wanted, expected, "{header}");
        }
    }

    proptest! {
        #[test]
        fn any_header_can_be_read(header in "\\PC*|[a-z;q=0-9.,* -]*") {
            let _ = list(&header);
        }
    }
}

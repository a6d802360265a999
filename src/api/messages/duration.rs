//! Lengths of time in words (MediaWiki: `Language::formatDuration`).

use super::{Language, and, comma};

/// Names of units, for one and for several, and their seconds.
const UNITS: [(&str, &str, i64); 6] = [
    ("year", "years", 31_556_952),
    ("week", "weeks", 604_800),
    ("day", "days", 86_400),
    ("hour", "hours", 3_600),
    ("minute", "minutes", 60),
    ("second", "seconds", 1),
];

/// So many seconds, such as `5 minutes` or `1 hour and 30 minutes`.
pub(super) fn show(seconds: i64, language: &Language) -> String {
    let mut rest = seconds.max(0);
    let mut parts = Vec::new();
    for (one, several, length) in UNITS {
        let count = rest.checked_div(length).unwrap_or_default();
        rest = rest.checked_rem(length).unwrap_or_default();
        if count > 0 || (length == 1 && parts.is_empty()) {
            parts.push(match language {
                Language::Qqx => format!("(duration-{several}: {count})"),
                Language::English | Language::Other(_) if count == 1 => format!("{count} {one}"),
                Language::English | Language::Other(_) => format!("{count} {several}"),
            });
        }
    }
    match parts.split_last() {
        Some((last, first)) if !first.is_empty() => {
            [&first.join(comma(language)), and(language), last.as_str()].concat()
        }
        Some(_) | None => parts.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_the_largest_units() {
        for (seconds, text) in [
            (300, "5 minutes"),
            (1, "1 second"),
            (0, "0 seconds"),
            (5400, "1 hour and 30 minutes"),
            (172_800, "2 days"),
            (90_061, "1 day, 1 hour, 1 minute and 1 second"),
        ] {
            assert_eq!(show(seconds, &Language::English), text);
        }
    }
}

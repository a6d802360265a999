//! Numbers as PHP reads them out of texts: what the text begins with counts, and no number is 0.

/// A whole number; a fraction is cut off.
pub fn whole(text: &str) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast of a float saturates"
    )]
    let whole = float(text).trunc() as i64;
    whole
}

/// A number with an optional sign, fraction and exponent.
pub fn float(text: &str) -> f64 {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    let bytes = text.as_bytes();
    let digits_from = |at: usize| {
        let rest = bytes.get(at..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        at.saturating_add(count)
    };
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let mut end = digits_from(sign);
    let mut has_digits = end > sign;
    if bytes.get(end) == Some(&b'.') {
        let point = end.saturating_add(1);
        let fraction = digits_from(point);
        has_digits |= fraction > point;
        end = fraction;
    }
    if !has_digits {
        return 0.0;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let mut exponent = end.saturating_add(1);
        exponent = exponent.saturating_add(usize::from(matches!(
            bytes.get(exponent),
            Some(b'+' | b'-')
        )));
        let after = digits_from(exponent);
        if after > exponent {
            end = after;
        }
    }
    text.get(..end)
        .and_then(|number| number.parse().ok())
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_php_8_2_makes_of_them() {
        // php -r 'var_dump((int)"...", (float)"...");'
        let table = [
            ("3", 3, 3.0),
            (" 12abc", 12, 12.0),
            ("abc", 0, 0.0),
            ("", 0, 0.0),
            ("-1", -1, -1.0),
            ("+7", 7, 7.0),
            ("1.9", 1, 1.9),
            (".5", 0, 0.5),
            ("1e3", 1000, 1000.0),
            ("1e", 1, 1.0),
            ("2.", 2, 2.0),
            ("0x1A", 0, 0.0),
            ("-", 0, 0.0),
            (".", 0, 0.0),
            ("1e+2x", 100, 100.0),
        ];
        for (text, int, number) in table {
            assert_eq!(whole(text), int, "{text:?}");
            assert!((float(text) - number).abs() < f64::EPSILON, "{text:?}");
        }
    }
}

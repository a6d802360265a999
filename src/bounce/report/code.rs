//! The two kinds of codes: those of RFC 3463 and those of RFC 5321.

use std::fmt;

/// Enhanced status code (RFC 3463 section 2): `class.subject.detail`, class 2, 4 or 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EnhancedStatus {
    /// 2 success, 4 transient, 5 permanent.
    pub class: u8,
    /// What it is about: 1 addresses, 2 mailboxes, 3 the mail system, 4 network, 5 the protocol, 6 content, 7 security.
    pub subject: u16,
    /// The condition.
    pub detail: u16,
}

impl EnhancedStatus {
    /// Reads a status at the beginning of `text`, with what follows it; `None` where there is none. A fourth number, or a
    /// number of more than three digits, is no status (an IP address, a version).
    pub fn split(text: &[u8]) -> Option<(Self, &[u8])> {
        let (class, rest) = text.split_first()?;
        let class = match class {
            b'2' => 2,
            b'4' => 4,
            b'5' => 5,
            _ => return None,
        };
        let (subject, rest) = number(rest.strip_prefix(b".")?)?;
        let (detail, rest) = number(rest.strip_prefix(b".")?)?;
        let goes_on = match rest {
            [b'.', digit, ..] => digit.is_ascii_digit(),
            [byte, ..] => byte.is_ascii_alphanumeric(),
            [] => false,
        };
        (!goes_on).then_some((
            Self {
                class,
                subject,
                detail,
            },
            rest,
        ))
    }

    /// Whether it says nothing beyond its class: `5.0.0`.
    pub const fn is_bare(self) -> bool {
        self.subject == 0 && self.detail == 0
    }
}

/// One to three digits.
fn number(text: &[u8]) -> Option<(u16, &[u8])> {
    let digits = text.iter().take(4).take_while(|byte| byte.is_ascii_digit());
    let (digits, rest) = text.split_at_checked(digits.count())?;
    if digits.is_empty() || digits.len() > 3 {
        return None;
    }
    let value = digits.iter().fold(0_u16, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(u16::from(digit.saturating_sub(b'0')))
    });
    Some((value, rest))
}

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// Reply code (RFC 5321 section 4.2.1): three digits, here those of answers to a delivery (2, 4 and 5 hundred).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplyCode(u16);

impl ReplyCode {
    /// The code that the three digits are, if it can be one: class 2, 4 or 5, then 0 to 5 or (many servers) 7, then any digit.
    pub fn from_digits(digits: [u8; 3]) -> Option<Self> {
        let [
            class @ (b'2' | b'4' | b'5'),
            group @ b'0'..=b'7',
            detail @ b'0'..=b'9',
        ] = digits
        else {
            return None;
        };
        let value = |digit: u8| u16::from(digit.saturating_sub(b'0'));
        let code = value(class)
            .saturating_mul(100)
            .saturating_add(value(group).saturating_mul(10))
            .saturating_add(value(detail));
        Some(Self(code))
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The first digit.
    pub const fn class(self) -> u8 {
        match self.0 {
            200..300 => 2,
            400..500 => 4,
            _ => 5,
        }
    }
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        EnhancedStatus::split(text.as_bytes()).map(|(status, _)| status.to_string())
    }

    #[test]
    fn three_numbers_of_class_2_4_or_5_are_a_status() {
        assert_eq!(read("5.1.1 unknown").as_deref(), Some("5.1.1"));
        assert_eq!(read("4.4.316").as_deref(), Some("4.4.316"));
        assert_eq!(read("2.0.0.").as_deref(), Some("2.0.0"));
    }

    #[test]
    fn addresses_versions_and_other_classes_are_no_status() {
        for text in ["5.1.1.1", "5.1.1234", "3.1.1", "5.1", "5.1.", "5.1.1a", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_reply_code_has_a_class_and_a_group_of_rfc_5321() {
        assert_eq!(
            ReplyCode::from_digits(*b"550").map(ReplyCode::number),
            Some(550)
        );
        assert_eq!(ReplyCode::from_digits(*b"350"), None);
        assert_eq!(ReplyCode::from_digits(*b"590"), None);
        assert_eq!(ReplyCode::from_digits(*b"5x0"), None);
    }
}

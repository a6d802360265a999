//! Reading the format: one pass, no trust in any length or count.

use super::value::{PhpArray, PhpKey, PhpObject, PhpValue};
use std::collections::HashMap;
use std::num::IntErrorKind;
use std::str;

/// How deep arrays and objects may be nested.
pub const MAX_DEPTH: usize = 64;

/// Up to this many elements a repeated key is looked for one by one.
const FEW: usize = 16;

/// Why bytes are no serialized value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhpReadError {
    /// They end too early.
    #[error(
        "the serialized value ends too early: it is cut off, or a length or count in it is wrong"
    )]
    Short,
    /// Something else was expected here.
    #[error(
        "the serialized value is damaged at byte {at}: PHP's serialize() writes nothing like it"
    )]
    Unexpected {
        /// Where, from the start.
        at: usize,
    },
    /// A value of a sort that is not read: a reference, an enum, an object with a format of its own, escaped text.
    #[error(
        "byte {at} begins a value of type {found:?}: references, enums, custom objects and escapes are not read"
    )]
    NotSupported {
        /// Where, from the start.
        at: usize,
        /// The letter of the type.
        found: char,
    },
    /// Too many levels.
    #[error("the serialized value has more than {MAX_DEPTH} arrays or objects inside each other")]
    TooDeep,
    /// Something follows the value.
    #[error("the serialized value ends before byte {at}, but more bytes follow")]
    Trailing {
        /// Where, from the start.
        at: usize,
    },
}

/// Reads one value that takes up all of `bytes`, as PHP's `unserialize()` does.
pub fn read(bytes: &[u8]) -> Result<PhpValue<'_>, PhpReadError> {
    let mut reader = Reader {
        rest: bytes,
        length: bytes.len(),
    };
    let value = reader.value(MAX_DEPTH)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(PhpReadError::Trailing { at: reader.at() })
    }
}

/// Whose elements are read.
#[derive(Clone, Copy)]
enum Keys {
    /// An array's: digits are integers.
    OfArray,
    /// An object's: all are names, and integers stand for their digits.
    OfObject,
}

struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Reader<'a> {
    fn at(&self) -> usize {
        self.length.saturating_sub(self.rest.len())
    }

    fn expect(&mut self, text: &[u8]) -> Result<(), PhpReadError> {
        self.rest = self.rest.strip_prefix(text).ok_or_else(|| {
            if text.starts_with(self.rest) {
                PhpReadError::Short
            } else {
                PhpReadError::Unexpected { at: self.at() }
            }
        })?;
        Ok(())
    }

    /// What stands before `end`, which is taken too.
    fn until(&mut self, end: u8) -> Result<&'a [u8], PhpReadError> {
        let at = memchr::memchr(end, self.rest).ok_or(PhpReadError::Short)?;
        let (text, rest) = self.rest.split_at(at);
        self.rest = rest.get(1..).unwrap_or_default();
        Ok(text)
    }

    fn value(&mut self, depth: usize) -> Result<PhpValue<'a>, PhpReadError> {
        let at = self.at();
        let kind = *self.rest.first().ok_or(PhpReadError::Short)?;
        match kind {
            b'N' => self.expect(b"N;").map(|()| PhpValue::Null),
            b'b' => self.bool().map(PhpValue::Bool),
            b'i' => self.integer().map(|(number, _)| PhpValue::Int(number)),
            b'd' => self.float().map(PhpValue::Float),
            b's' => self.text().map(PhpValue::Str),
            b'a' => {
                self.expect(b"a:")?;
                self.elements(Keys::OfArray, depth).map(PhpValue::Array)
            }
            b'O' => self.object(depth).map(PhpValue::Object),
            b'r' | b'R' | b'C' | b'E' | b'S' => Err(PhpReadError::NotSupported {
                at,
                found: char::from(kind),
            }),
            _ => Err(PhpReadError::Unexpected { at }),
        }
    }

    fn bool(&mut self) -> Result<bool, PhpReadError> {
        self.expect(b"b:")?;
        let at = self.at();
        match self.until(b';')? {
            b"0" => Ok(false),
            b"1" => Ok(true),
            _ => Err(PhpReadError::Unexpected { at }),
        }
    }

    /// `i:5;` and its digits. What does not fit is the nearest integer, as in PHP.
    fn integer(&mut self) -> Result<(i64, &'a [u8]), PhpReadError> {
        self.expect(b"i:")?;
        let at = self.at();
        let digits = self.until(b';')?;
        let text = str::from_utf8(digits).unwrap_or_default();
        let number = text
            .parse()
            .or_else(|error: std::num::ParseIntError| match error.kind() {
                IntErrorKind::PosOverflow => Ok(i64::MAX),
                IntErrorKind::NegOverflow => Ok(i64::MIN),
                _ => Err(PhpReadError::Unexpected { at }),
            })?;
        Ok((number, digits))
    }

    fn float(&mut self) -> Result<f64, PhpReadError> {
        self.expect(b"d:")?;
        let at = self.at();
        let number = match self.until(b';')? {
            b"INF" => Some(f64::INFINITY),
            b"-INF" => Some(f64::NEG_INFINITY),
            b"NAN" => Some(f64::NAN),
            // Rust would also read words such as "infinity".
            digits
                if digits
                    .iter()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) =>
            {
                str::from_utf8(digits)
                    .ok()
                    .and_then(|digits| digits.parse().ok())
            }
            _ => None,
        };
        number.ok_or(PhpReadError::Unexpected { at })
    }

    /// A length or a count: digits without a sign.
    fn size(&mut self) -> Result<usize, PhpReadError> {
        let at = self.at();
        let digits = self.until(b':')?;
        let size = match digits.first() {
            Some(b'0'..=b'9') => str::from_utf8(digits)
                .ok()
                .and_then(|digits| digits.parse().ok()),
            _ => None,
        };
        size.ok_or(PhpReadError::Unexpected { at })
    }

    /// `3:"abc"`
    fn quoted(&mut self) -> Result<&'a [u8], PhpReadError> {
        let length = self.size()?;
        self.expect(b"\"")?;
        let (text, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(PhpReadError::Short)?;
        self.rest = rest;
        self.expect(b"\"")?;
        Ok(text)
    }

    /// `s:3:"abc";`
    fn text(&mut self) -> Result<&'a [u8], PhpReadError> {
        self.expect(b"s:")?;
        let text = self.quoted()?;
        self.expect(b";")?;
        Ok(text)
    }

    /// `O:8:"stdClass":2:{key value key value}`
    fn object(&mut self, depth: usize) -> Result<PhpObject<'a>, PhpReadError> {
        self.expect(b"O:")?;
        let at = self.at();
        let class = self.quoted()?;
        if !is_class_name(class) {
            return Err(PhpReadError::Unexpected { at });
        }
        self.expect(b":")?;
        let properties = self.elements(Keys::OfObject, depth)?;
        Ok(PhpObject { class, properties })
    }

    /// `2:{key value key value}`
    fn elements(&mut self, keys: Keys, depth: usize) -> Result<PhpArray<'a>, PhpReadError> {
        let depth = depth.checked_sub(1).ok_or(PhpReadError::TooDeep)?;
        let count = self.size()?;
        self.expect(b"{")?;
        let mut elements = Elements::default();
        for _ in 0..count {
            let key = self.key(keys)?;
            elements.put(key, self.value(depth)?);
        }
        self.expect(b"}")?;
        Ok(PhpArray(elements.list))
    }

    fn key(&mut self, keys: Keys) -> Result<PhpKey<'a>, PhpReadError> {
        let at = self.at();
        match (self.rest.first(), keys) {
            (Some(b's'), Keys::OfArray) => self.text().map(PhpKey::from_bytes),
            (Some(b's'), Keys::OfObject) => self.text().map(PhpKey::Str),
            (Some(b'i'), Keys::OfArray) => self.integer().map(|(number, _)| PhpKey::Int(number)),
            (Some(b'i'), Keys::OfObject) => match self.integer()? {
                (number, digits) if PhpKey::from_bytes(digits) == PhpKey::Int(number) => {
                    Ok(PhpKey::Str(digits))
                }
                _ => Err(PhpReadError::Unexpected { at }),
            },
            (Some(_), _) => Err(PhpReadError::Unexpected { at }),
            (None, _) => Err(PhpReadError::Short),
        }
    }
}

/// The bytes that PHP takes in names of classes.
fn is_class_name(name: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\\' | 0x80..);
    name.first().is_some_and(|first| *first != b'\\') && name.iter().all(fits)
}

/// Elements with unique keys: a repeated key replaces the value and keeps the place, as in PHP.
#[derive(Default)]
struct Elements<'a> {
    list: Vec<(PhpKey<'a>, PhpValue<'a>)>,
    places: HashMap<PhpKey<'a>, usize>,
}

impl<'a> Elements<'a> {
    fn put(&mut self, key: PhpKey<'a>, value: PhpValue<'a>) {
        let known = self.place(&key).and_then(|place| self.list.get_mut(place));
        if let Some(element) = known {
            element.1 = value;
        } else {
            if self.list.len() >= FEW {
                self.places.insert(key, self.list.len());
            }
            self.list.push((key, value));
        }
    }

    fn place(&self, key: &PhpKey<'a>) -> Option<usize> {
        let among_first = self
            .list
            .iter()
            .take(FEW)
            .position(|(found, _)| found == key);
        among_first.or_else(|| self.places.get(key).copied())
    }
}

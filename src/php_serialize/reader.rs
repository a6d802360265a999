//! Reading the format: one pass, no trust in any length or count.

use super::value::{PhpArray, PhpKey, PhpObject, PhpValue};
use std::collections::HashMap;

/// How deep arrays and objects may be nested.
pub const MAX_DEPTH: usize = 64;

/// Up to this many elements a repeated key is looked for one by one.
const FEW: usize = 16;

/// Why bytes are no serialized value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhpReadError {
    /// They end too early.
    #[error("the value ends too early")]
    Short,
    /// Something else was expected here.
    #[error("byte {at} is not what it should be")]
    Unexpected {
        /// Where, from the start.
        at: usize,
    },
    /// A value of a sort that is not read: a reference, an enum, an object with a format of its own.
    #[error("byte {at} begins a value of type {found:?}, which is not read here")]
    NotSupported {
        /// Where, from the start.
        at: usize,
        /// The letter of the type.
        found: char,
    },
    /// Too many levels.
    #[error("the value is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Something follows the value.
    #[error("something follows the value at byte {at}")]
    Trailing {
        /// Where, from the start.
        at: usize,
    },
}

/// Reads one value that takes up all of `bytes`.
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

struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Reader<'a> {
    fn at(&self) -> usize {
        self.length.saturating_sub(self.rest.len())
    }

    fn unexpected(&self) -> PhpReadError {
        if self.rest.is_empty() {
            PhpReadError::Short
        } else {
            PhpReadError::Unexpected { at: self.at() }
        }
    }

    fn expect(&mut self, text: &[u8]) -> Result<(), PhpReadError> {
        self.rest = self
            .rest
            .strip_prefix(text)
            .ok_or_else(|| self.unexpected())?;
        Ok(())
    }

    /// What stands before `end`, which is taken too.
    fn until(&mut self, end: u8) -> Result<&'a [u8], PhpReadError> {
        let at = memchr::memchr(end, self.rest).ok_or(PhpReadError::Short)?;
        let (text, rest) = self.rest.split_at(at);
        self.rest = rest.get(1..).unwrap_or_default();
        Ok(text)
    }

    fn number<T: std::str::FromStr>(&mut self, end: u8) -> Result<T, PhpReadError> {
        let before = self.at();
        let text = self.until(end)?;
        let number = std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse().ok());
        number.ok_or(PhpReadError::Unexpected { at: before })
    }

    fn value(&mut self, depth: usize) -> Result<PhpValue<'a>, PhpReadError> {
        let at = self.at();
        let kind = *self.rest.first().ok_or(PhpReadError::Short)?;
        match kind {
            b'N' => self.expect(b"N;").map(|()| PhpValue::Null),
            b'b' => {
                self.expect(b"b:")?;
                match self.until(b';')? {
                    b"0" => Ok(PhpValue::Bool(false)),
                    b"1" => Ok(PhpValue::Bool(true)),
                    _ => Err(PhpReadError::Unexpected { at }),
                }
            }
            b'i' => {
                self.expect(b"i:")?;
                self.number(b';').map(PhpValue::Int)
            }
            b'd' => {
                self.expect(b"d:")?;
                self.float().map(PhpValue::Float)
            }
            b's' => {
                let text = self.string(b's')?;
                self.expect(b";")?;
                Ok(PhpValue::Str(text))
            }
            b'a' => {
                self.expect(b"a:")?;
                self.array(depth).map(PhpValue::Array)
            }
            b'O' => {
                let class = self.string(b'O')?;
                self.expect(b":")?;
                Ok(PhpValue::Object(PhpObject {
                    class,
                    properties: self.array(depth)?,
                }))
            }
            b'r' | b'R' | b'C' | b'E' => Err(PhpReadError::NotSupported {
                at,
                found: char::from(kind),
            }),
            _ => Err(PhpReadError::Unexpected { at }),
        }
    }

    fn float(&mut self) -> Result<f64, PhpReadError> {
        let at = self.at();
        let text = self.until(b';')?;
        let number = match text {
            b"INF" => Some(f64::INFINITY),
            b"-INF" => Some(f64::NEG_INFINITY),
            b"NAN" => Some(f64::NAN),
            // Rust would also read words such as "infinity".
            digits
                if digits
                    .iter()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) =>
            {
                std::str::from_utf8(digits)
                    .ok()
                    .and_then(|digits| digits.parse().ok())
            }
            _ => None,
        };
        number.ok_or(PhpReadError::Unexpected { at })
    }

    /// `s:3:"abc"`, with any letter in front.
    fn string(&mut self, letter: u8) -> Result<&'a [u8], PhpReadError> {
        self.expect(&[letter, b':'])?;
        let length: usize = self.number(b':')?;
        self.expect(b"\"")?;
        let (text, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(PhpReadError::Short)?;
        self.rest = rest;
        self.expect(b"\"")?;
        Ok(text)
    }

    /// `2:{key value key value}`
    fn array(&mut self, depth: usize) -> Result<PhpArray<'a>, PhpReadError> {
        let depth = depth.checked_sub(1).ok_or(PhpReadError::TooDeep)?;
        let count: usize = self.number(b':')?;
        self.expect(b"{")?;
        let mut elements = Elements::default();
        for _ in 0..count {
            let at = self.at();
            let key = match self.value(0)? {
                PhpValue::Int(number) => PhpKey::Int(number),
                PhpValue::Str(text) => PhpKey::from_bytes(text),
                _ => return Err(PhpReadError::Unexpected { at }),
            };
            let value = self.value(depth)?;
            elements.put(key, value);
        }
        self.expect(b"}")?;
        Ok(PhpArray(elements.list))
    }
}

/// Elements with unique keys: a repeated key replaces the value and keeps the place, as in PHP.
#[derive(Default)]
struct Elements<'a> {
    list: Vec<(PhpKey<'a>, PhpValue<'a>)>,
    places: HashMap<PhpKey<'a>, usize>,
}

impl<'a> Elements<'a> {
    fn put(&mut self, key: PhpKey<'a>, value: PhpValue<'a>) {
        match self.place(&key).and_then(|place| self.list.get_mut(place)) {
            Some(element) => element.1 = value,
            None => {
                if self.list.len() >= FEW {
                    self.places.insert(key, self.list.len());
                }
                self.list.push((key, value));
            }
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

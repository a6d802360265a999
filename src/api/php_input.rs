//! How PHP reads variables out of a query string and a body.
//!
//! PHP manual: "Variables From External Sources", `max_input_vars`, `max_input_nesting_level`. What the manual leaves open
//! was asked of PHP 8.2 (`parse_str`, `$_GET`, `$_POST`). All of it is about bytes; nothing is checked to be text here.

use super::multipart;
use super::request::{ApiRequest, Method};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// PHP's `max_input_nesting_level`.
const MAX_NESTING_LEVEL: usize = 64;

/// The variables of a request: those of the body win over those of the query string.
#[derive(Debug, Default)]
pub struct PhpInput<'r> {
    get: PhpVariables<'r>,
    post: PhpVariables<'r>,
}

impl<'r> PhpInput<'r> {
    /// Reads up to `max_input_vars` variables from the query string, and again from the body.
    ///
    /// The body is read if it was posted as a form; any other body is left alone.
    pub fn read(request: &ApiRequest<'r>, max_input_vars: usize) -> Self {
        Self {
            get: PhpVariables::of_query(request.query, max_input_vars),
            post: match request.method {
                Method::Post => PhpVariables::of_body(request, max_input_vars),
                Method::Get | Method::Head | Method::Options | Method::Other => {
                    PhpVariables::default()
                }
            },
        }
    }

    /// The variable with this name.
    pub fn value(&self, name: &str) -> Option<&PhpValue<'r>> {
        let name = name.as_bytes();
        self.post.value(name).or_else(|| self.get.value(name))
    }

    /// The value of the variable with this name, undecoded; `None` if there is none or it is an array.
    pub fn scalar(&self, name: &str) -> Option<&[u8]> {
        match self.value(name)? {
            PhpValue::Scalar(value) => Some(value),
            PhpValue::Array => None,
        }
    }

    /// Whether the query string has a variable with this name, even if that of the body wins over it.
    pub fn is_in_query(&self, name: &str) -> bool {
        self.get.value(name.as_bytes()).is_some()
    }

    /// All names: first those of the body, then those that only the query string has, each in order of appearance.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        let only_in_query = |name: &&[u8]| self.post.value(name).is_none();
        self.post
            .names()
            .chain(self.get.names().filter(only_in_query))
    }
}

/// What a variable holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhpValue<'r> {
    /// `name=value`
    Scalar(Cow<'r, [u8]>),
    /// `name[]=value`, `name[key]=value`: the API has no use for what is in it.
    Array,
}

/// PHP's `$_GET` or `$_POST`.
#[derive(Debug, Default)]
pub(super) struct PhpVariables<'r> {
    /// In order of first appearance; `None` where a variable was removed again.
    slots: Vec<Option<(Vec<u8>, PhpValue<'r>)>>,
    positions: BTreeMap<Vec<u8>, usize>,
}

impl<'r> PhpVariables<'r> {
    /// The pairs of a query string. Empty pairs do not count against the limit.
    fn of_query(query: &'r [u8], max_input_vars: usize) -> Self {
        let pairs = pairs(query).filter(|pair| !pair.is_empty());
        Self::of_pairs(pairs.take(max_input_vars))
    }

    fn of_body(request: &ApiRequest<'r>, max_input_vars: usize) -> Self {
        let content_type = request.content_type.unwrap_or_default();
        let media_type = content_type
            .split(|byte| matches!(byte, b';' | b',' | b' '))
            .next()
            .unwrap_or_default();
        if media_type.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
            // PHP looks at the limit after it has taken the variable, and counts empty pairs.
            let limit = max_input_vars.saturating_add(1);
            Self::of_pairs(pairs(request.body).take(limit))
        } else if media_type.eq_ignore_ascii_case(b"multipart/form-data") {
            let mut variables = Self::default();
            for (name, value) in multipart::fields(content_type, request.body, max_input_vars) {
                variables.register(name, Cow::Borrowed(value));
            }
            variables
        } else {
            Self::default()
        }
    }

    fn of_pairs(pairs: impl Iterator<Item = &'r [u8]>) -> Self {
        let mut variables = Self::default();
        for pair in pairs {
            let (name, value) = split_at_byte(pair, b'=').unwrap_or((pair, &[]));
            variables.register(url_decode(name).into_owned(), url_decode(value));
        }
        variables
    }

    /// Takes a pair: a scalar replaces what the name held, an element makes an array of it. The first place stays.
    pub(super) fn register(&mut self, name: Vec<u8>, value: Cow<'r, [u8]>) {
        match VariableName::of(name) {
            VariableName::Nothing => {}
            VariableName::Scalar(name) => self.set(name, PhpValue::Scalar(value)),
            VariableName::Element(name) => self.set(name, PhpValue::Array),
            VariableName::NestedTooDeep(name) => self.remove(&name),
        }
    }

    fn set(&mut self, name: Vec<u8>, value: PhpValue<'r>) {
        let next = self.slots.len();
        let position = *self.positions.entry(name.clone()).or_insert(next);
        match self.slots.get_mut(position) {
            Some(slot) => *slot = Some((name, value)),
            None => self.slots.push(Some((name, value))),
        }
    }

    fn remove(&mut self, name: &[u8]) {
        if let Some(position) = self.positions.remove(name)
            && let Some(slot) = self.slots.get_mut(position)
        {
            *slot = None;
        }
    }

    fn value(&self, name: &[u8]) -> Option<&PhpValue<'r>> {
        let slot = self.slots.get(*self.positions.get(name)?)?.as_ref();
        slot.map(|(_, value)| value)
    }

    fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.slots.iter().flatten().map(|(name, _)| name.as_slice())
    }
}

/// Which variable a decoded name means.
enum VariableName {
    Nothing,
    Scalar(Vec<u8>),
    Element(Vec<u8>),
    /// PHP drops the pair and the variable too.
    NestedTooDeep(Vec<u8>),
}

impl VariableName {
    fn of(mut name: Vec<u8>) -> Self {
        name.truncate(memchr::memchr(0, &name).unwrap_or(name.len()));
        let leading_spaces = name.iter().take_while(|byte| **byte == b' ').count();
        name.drain(..leading_spaces);
        let bracket = memchr::memchr(b'[', &name).unwrap_or(name.len());
        let indexes = name.split_off(bracket);
        if name.is_empty() {
            return Self::Nothing;
        }
        if !indexes.contains(&b']') {
            name.extend(indexes);
            return Self::Scalar(mangled(name));
        }
        if nesting_level(&indexes) > MAX_NESTING_LEVEL {
            return Self::NestedTooDeep(mangled(name));
        }
        Self::Element(mangled(name))
    }
}

/// How many brackets follow one another in `[a][b][c`: each behind the one closed before.
fn nesting_level(indexes: &[u8]) -> usize {
    let mut rest = indexes;
    let mut level = 0_usize;
    while let Some(inside) = rest.strip_prefix(b"[") {
        level = level.saturating_add(1);
        rest = split_at_byte(inside, b']').map_or(&[], |(_, after)| after);
    }
    level
}

/// PHP has no variables with these characters in their names.
fn mangled(mut name: Vec<u8>) -> Vec<u8> {
    for byte in &mut name {
        if matches!(byte, b' ' | b'.' | b'[') {
            *byte = b'_';
        }
    }
    name
}

fn pairs(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let (pair, after) = match split_at_byte(rest?, b'&') {
            Some((pair, after)) => (pair, Some(after)),
            None => (rest?, None),
        };
        rest = after;
        Some(pair)
    })
}

/// What stands before and behind the first such byte.
fn split_at_byte(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let position = memchr::memchr(separator, bytes)?;
    let (before, from) = bytes.split_at_checked(position)?;
    Some((before, from.get(1..)?))
}

/// Decodes `+` and `%` sequences; a malformed sequence stays as it is.
fn url_decode(encoded: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'%', b'+', encoded).is_none() {
        return Cow::Borrowed(encoded);
    }
    decode(encoded, b' ')
}

/// Decodes the `%` sequences of a path, where `+` is no space.
pub(super) fn path_decode(encoded: &[u8]) -> Cow<'_, [u8]> {
    decode(encoded, b'+')
}

fn decode(encoded: &[u8], plus: u8) -> Cow<'_, [u8]> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((plain, special, after)) = split_at_special(rest) {
        decoded.extend_from_slice(plain);
        rest = after;
        let byte = match special {
            b'%' => match hex_pair(rest) {
                Some((byte, after)) => {
                    rest = after;
                    byte
                }
                None => b'%',
            },
            _plus => plus,
        };
        decoded.push(byte);
    }
    decoded.extend_from_slice(rest);
    Cow::Owned(decoded)
}

/// What stands before the first `%` or `+`, which of them it is, and what stands behind it.
fn split_at_special(text: &[u8]) -> Option<(&[u8], u8, &[u8])> {
    let (plain, from) = text.split_at_checked(memchr::memchr2(b'%', b'+', text)?)?;
    let (special, after) = from.split_first()?;
    Some((plain, *special, after))
}

/// The byte that two hexadecimal digits at the start stand for, and what follows them.
fn hex_pair(text: &[u8]) -> Option<(u8, &[u8])> {
    let ([high, low], after) = text.split_first_chunk::<2>()?;
    Some(((hex_value(*high)? << 4) | hex_value(*low)?, after))
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(digit.wrapping_sub(b'a' - 10)),
        b'A'..=b'F' => Some(digit.wrapping_sub(b'A' - 10)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

//! PHP values as far as they can be stored.

/// A PHP value that borrows its strings.
#[derive(Debug, Clone, PartialEq)]
pub enum PhpValue<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// A string: any bytes.
    Str(&'a [u8]),
    /// An ordered map.
    Array(PhpArray<'a>),
    /// An object with its properties.
    Object(PhpObject<'a>),
}

/// A key of an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhpKey<'a> {
    /// An integer, also where the source wrote the same digits as a string.
    Int(i64),
    /// A string that is no canonical integer.
    Str(&'a [u8]),
}

/// An ordered map: insertion order counts, keys are unique.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PhpArray<'a>(pub(super) Vec<(PhpKey<'a>, PhpValue<'a>)>);

/// An object of some class.
#[derive(Debug, Clone, PartialEq)]
pub struct PhpObject<'a> {
    /// Name of the class.
    pub class: &'a [u8],
    /// Its properties; their keys are strings, digits as well.
    pub properties: PhpArray<'a>,
}

impl<'a> PhpKey<'a> {
    /// The key that PHP makes of a string: canonical decimal integers become integers.
    pub fn from_bytes(bytes: &'a [u8]) -> Self {
        let number: Option<i64> = std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| text.parse().ok());
        match number {
            Some(number) if number.to_string().as_bytes() == bytes => Self::Int(number),
            Some(_) | None => Self::Str(bytes),
        }
    }
}

impl<'a> FromIterator<(PhpKey<'a>, PhpValue<'a>)> for PhpArray<'a> {
    /// An array with these keys, which must differ.
    fn from_iter<I: IntoIterator<Item = (PhpKey<'a>, PhpValue<'a>)>>(elements: I) -> Self {
        Self(elements.into_iter().collect())
    }
}

impl<'a> PhpArray<'a> {
    /// An array with these string keys, which must differ.
    pub fn from_pairs<const N: usize>(pairs: [(&'a str, PhpValue<'a>); N]) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(key, value)| (PhpKey::from_bytes(key.as_bytes()), value))
                .collect(),
        )
    }

    /// Keys and values in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &(PhpKey<'a>, PhpValue<'a>)> {
        self.0.iter()
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a key as PHP finds it: digits are an integer.
    pub fn get(&self, key: &str) -> Option<&PhpValue<'a>> {
        let key = PhpKey::from_bytes(key.as_bytes());
        self.0
            .iter()
            .find(|(found, _)| *found == key)
            .map(|(_, value)| value)
    }

    /// The string under a string key.
    pub fn get_str(&self, key: &str) -> Option<&'a [u8]> {
        match self.get(key) {
            Some(PhpValue::Str(bytes)) => Some(bytes),
            Some(_) | None => None,
        }
    }

    /// Whether the keys are 0, 1, 2 ... in this order.
    pub fn is_list(&self) -> bool {
        (0_i64..)
            .zip(&self.0)
            .all(|(place, (key, _))| *key == PhpKey::Int(place))
    }
}

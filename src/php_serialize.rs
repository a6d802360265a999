//! PHP's `serialize()` format, in which MediaWiki stores the params of jobs. On bytes, without copies, and bounded.

mod reader;
mod value;
mod writer;

pub use self::reader::{MAX_DEPTH, PhpReadError, read};
pub use self::value::{PhpArray, PhpKey, PhpObject, PhpValue};
pub use self::writer::{float_text, float_text_with, write, write_params};

#[cfg(test)]
mod recordings;
#[cfg(test)]
mod tests;

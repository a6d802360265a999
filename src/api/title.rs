//! Titles of pages: what they may be, and the form in which the wiki shows them.
//!
//! MediaWiki: `MediaWikiTitleCodec`. Asked of a MediaWiki 1.39.

mod fault;
mod namespace;
#[cfg(test)]
mod tests;

pub use fault::TitleFault;
pub use namespace::{NAMESPACES, Namespace};

/// The title of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// The namespace.
    pub namespace: Namespace,
    /// The title within the namespace, with spaces; empty if the text was a part of a page only (`#part`).
    pub text: String,
}

/// A title on another wiki, written as it was but for blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignTitle {
    /// The prefix that stands for the wiki.
    pub prefix: &'static str,
    /// The title there.
    pub text: String,
}

/// The most bytes of a title, and of the name of a special page with what follows it.
const LONGEST: usize = 255;
const LONGEST_SPECIAL: usize = 512;

impl Title {
    /// Reads a title as people write it.
    pub fn read(text: &str, site_name: &str) -> Result<Self, TitleFault> {
        let decoded = decode_entities(text);
        if decoded.contains(char::REPLACEMENT_CHARACTER) {
            return Err(TitleFault::BadUtf8);
        }
        let spaced = single_spaced(&decoded);
        let (namespace, rest) = split_namespace(&spaced, site_name)?;
        let (name, is_part) = match rest.split_once('#') {
            Some((name, _)) => (name.trim_end(), true),
            None => (rest.as_str(), false),
        };
        if name.is_empty() && !(is_part && namespace == Namespace::MAIN) {
            return Err(TitleFault::Empty);
        }
        check(name, namespace, text)?;
        Ok(Self {
            namespace,
            text: capitalised(name),
        })
    }

    /// The title with its namespace.
    pub fn prefixed(&self, site_name: &str) -> String {
        match self.namespace.local_name(site_name) {
            name if name.is_empty() => self.text.clone(),
            name => format!("{name}:{}", self.text),
        }
    }
}

impl ForeignTitle {
    /// Reads a title that begins with a prefix that `find` knows, in small letters; `None` if it begins with none.
    pub fn read(
        text: &str,
        find: impl Fn(&str) -> Option<&'static str>,
    ) -> Option<Result<Self, TitleFault>> {
        let spaced = single_spaced(&decode_entities(text));
        let whole = spaced.strip_prefix(':').unwrap_or(&spaced);
        let (prefix, rest) = whole.split_once(':')?;
        let prefix = find(&prefix.trim().to_lowercase())?;
        let title = rest.split('#').next().unwrap_or_default().trim();
        let checked = check(title, Namespace::MAIN, text);
        let text = title.to_owned();
        Some(checked.map(|()| Self { prefix, text }))
    }

    /// The title with its prefix.
    pub fn prefixed(&self) -> String {
        format!("{}:{}", self.prefix, self.text)
    }
}

/// What stands before the first colon, if that is a namespace; a colon at the beginning says that the title follows.
fn split_namespace(text: &str, site_name: &str) -> Result<(Namespace, String), TitleFault> {
    let text = text.strip_prefix(':').unwrap_or(text).trim_start();
    let named = |text: &str| {
        let (name, rest) = text.split_once(':')?;
        let namespace = Namespace::named(name.trim_end(), site_name)?;
        Some((namespace, rest.trim_start().to_owned()))
    };
    let (namespace, rest) = named(text).unwrap_or((Namespace::MAIN, text.to_owned()));
    if rest.starts_with(':') {
        return Err(TitleFault::LeadingColon);
    }
    if namespace.id == 1 && named(&rest).is_some() {
        return Err(TitleFault::TalkNamespace);
    }
    Ok((namespace, rest))
}

/// Runs of what looks like a space are one space, with none at the ends; marks of direction are nothing.
fn single_spaced(text: &str) -> String {
    let is_mark =
        |character| matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}');
    let is_space = |character| {
        matches!(
            character,
            ' ' | '_' | '\u{A0}' | '\u{1680}' | '\u{180E}' | '\u{2000}'
                ..='\u{200A}' | '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}'
        )
    };
    let text: String = text
        .chars()
        .filter(|character| !is_mark(*character))
        .collect();
    let words = text.split(is_space).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Replaces numeric character references and the named ones that are in everybody's fingers.
fn decode_entities(text: &str) -> String {
    let mut pieces = text.split('&');
    let mut decoded = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let entity = piece
            .split_once(';')
            .and_then(|(name, rest)| Some((entity(name)?, rest)));
        if let Some((character, rest)) = entity {
            decoded.push(character);
            decoded.push_str(rest);
        } else {
            decoded.push('&');
            decoded.push_str(piece);
        }
    }
    decoded
}

fn entity(name: &str) -> Option<char> {
    let number = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        },
        None => {
            return Some(match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "nbsp" => '\u{A0}',
                _ => return None,
            });
        }
    };
    let character = char::from_u32(number).filter(|character| *character >= ' ');
    Some(character.unwrap_or(char::REPLACEMENT_CHARACTER))
}

fn check(name: &str, namespace: Namespace, given: &str) -> Result<(), TitleFault> {
    if let Some(characters) = illegal(name) {
        return Err(TitleFault::Characters {
            characters,
            title: given.to_owned(),
        });
    }
    let is_relative = name.split('/').any(|part| matches!(part, "." | ".."));
    if is_relative {
        return Err(TitleFault::Relative);
    }
    if name.contains("~~~") {
        return Err(TitleFault::MagicTilde);
    }
    let longest = if namespace.id == -1 {
        LONGEST_SPECIAL
    } else {
        LONGEST
    };
    if name.len() > longest {
        return Err(TitleFault::TooLong { longest });
    }
    Ok(())
}

/// The first thing that no title may have: a character, a byte in percent-encoding, or a character reference.
fn illegal(name: &str) -> Option<String> {
    name.char_indices().find_map(|(at, character)| {
        let rest = name.get(at..).unwrap_or_default();
        match character {
            '%' => encoded_byte(rest),
            '&' => reference(rest),
            _ if is_legal(character) => None,
            _ => Some(character.to_string()),
        }
    })
}

fn encoded_byte(text: &str) -> Option<String> {
    let encoded = text.get(..3)?;
    let digits = encoded.strip_prefix('%')?;
    let is_encoded = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_encoded.then(|| encoded.to_owned())
}

fn reference(text: &str) -> Option<String> {
    let (reference, _) = text.split_once(';')?;
    let name = reference.strip_prefix('&')?;
    let is_name = !name.is_empty()
        && name.chars().all(|character| {
            character == '#' || character.is_ascii_alphanumeric() || !character.is_ascii()
        });
    is_name.then(|| format!("{reference};"))
}

/// MediaWiki: `$wgLegalTitleChars`, whose value is recorded in `siteinfo/general-fv1`.
fn is_legal(character: char) -> bool {
    !character.is_ascii()
        || character.is_ascii_alphanumeric()
        || " %!\"$&'()*,-./:;=?@\\^_`~+".contains(character)
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).collect()
}

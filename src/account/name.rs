//! Names of users.

/// The form in which a name is looked up and shown (MediaWiki: `UserNameUtils::getCanonical`); `None` if nobody can
/// have such a name.
pub fn canonical_name(name: &str) -> Option<String> {
    let spaced = name.replace('_', " ");
    let mut characters = spaced.trim().chars();
    let first = characters.next()?;
    let name: String = first.to_uppercase().chain(characters).collect();
    (!name.contains(['#', '<', '>', '[', ']', '|', '{', '}', '@', ':', '='])).then_some(name)
}

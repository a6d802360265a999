//! Titles with the canonical names of their namespaces.

/// Canonical names of MediaWiki's own namespaces; `None` stands for the name of the wiki.
const NAMESPACES: &[(i64, Option<&str>, &str)] = &[
    (-2, Some("Media"), ""),
    (-1, Some("Special"), ""),
    (1, Some("Talk"), ""),
    (2, Some("User"), ""),
    (3, Some("User_talk"), ""),
    (4, None, ""),
    (5, None, "_talk"),
    (6, Some("File"), ""),
    (7, Some("File_talk"), ""),
    (8, Some("MediaWiki"), ""),
    (9, Some("MediaWiki_talk"), ""),
    (10, Some("Template"), ""),
    (11, Some("Template_talk"), ""),
    (12, Some("Help"), ""),
    (13, Some("Help_talk"), ""),
    (14, Some("Category"), ""),
    (15, Some("Category_talk"), ""),
];

/// Appends a title as a database key, with its namespace in front. The empty title in namespace -1 is that of a job
/// without one.
pub(super) fn write_prefixed(namespace: i64, title: &[u8], site_name: &str, out: &mut Vec<u8>) {
    if let Some((_, name, suffix)) = NAMESPACES
        .iter()
        .find(|(number, _, _)| *number == namespace)
    {
        match name {
            Some(name) => out.extend_from_slice(name.as_bytes()),
            None => out.extend_from_slice(site_name.replace(' ', "_").as_bytes()),
        }
        out.extend_from_slice(suffix.as_bytes());
        out.push(b':');
    }
    out.extend(
        title
            .iter()
            .map(|byte| if *byte == b' ' { b'_' } else { *byte }),
    );
}

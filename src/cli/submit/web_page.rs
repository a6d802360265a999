//! Web pages that come in the place of an answer: what they are about.

/// How much of a page is shown.
const SHOWN: usize = 80;

/// Whether a body is a page for people: no answer of the API begins with a tag.
pub(super) fn is_page(body: &str) -> bool {
    body.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
        .starts_with('<')
}

/// The title of a page, or its beginning if it has none.
pub(super) fn title(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|tag| {
        let begin = tag
            .checked_add(lower.get(tag..)?.find('>')?)?
            .checked_add(1)?;
        let length = lower.get(begin..)?.find('<')?;
        page.get(begin..begin.checked_add(length)?)
    });
    beginning(
        title
            .filter(|title| !title.trim().is_empty())
            .unwrap_or(page),
    )
}

/// The beginning of a text, on one line.
pub(super) fn beginning(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().take(SHOWN).collect();
    let line = words.join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((cut, _)) => format!("{}...", line.get(..cut).unwrap_or_default()),
        None => line,
    }
}

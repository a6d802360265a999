//! Special pages among the pages of a request.

use crate::api::modules::query::siteinfo::special_page_name;
use crate::api::title::Title;

/// The namespace of special pages.
const SPECIAL: i64 = -1;

/// Whether there is a special page of this title.
pub(super) fn is_special_page(title: &Title) -> bool {
    title.namespace.id == SPECIAL && usual_name(title).is_some()
}

/// The special page of this title, by its usual name, and with what follows that.
fn usual_name(title: &Title) -> Option<String> {
    let (name, after) = match title.text.split_once('/') {
        Some((name, after)) => (name, format!("/{after}")),
        None => (title.text.as_str(), String::new()),
    };
    Some(format!("{}{after}", special_page_name(name)?))
}

/// The title; that of a special page with its usual name.
pub(super) fn with_usual_name(title: Title) -> Title {
    match usual_name(&title).filter(|_| title.namespace.id == SPECIAL) {
        Some(text) => Title { text, ..title },
        None => title,
    }
}

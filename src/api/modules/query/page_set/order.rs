//! The order in which pages stand in an answer, and the numbers of those that have none.

use super::{Page, PageKind};

/// Numbers below 0 for what has none, in this order; in the answer what is missing comes first.
pub(super) fn without_number(kinds: impl Iterator<Item = PageKind>) -> Vec<Page> {
    let numbered = (1_i64..).zip(kinds).map(|(number, kind)| Page {
        key: number.saturating_neg(),
        kind,
    });
    let mut pages: Vec<_> = numbered.collect();
    pages.sort_by_key(|page| match page.kind {
        PageKind::Missing(_) => 0,
        PageKind::Invalid(..) | PageKind::MissingId => 1,
        PageKind::Special(_) | PageKind::Main(_) => 2,
    });
    pages
}

/// Titles of a namespace stand together, in the place of the first of them.
pub(super) fn sort_by_first_of_namespace(kinds: &mut [PageKind]) {
    let namespace = |kind: &PageKind| match kind {
        PageKind::Missing(title) | PageKind::Special(title) | PageKind::Main(title) => {
            Some(title.namespace.id)
        }
        PageKind::Invalid(..) | PageKind::MissingId => None,
    };
    let order: Vec<_> = kinds.iter().map(namespace).collect();
    kinds.sort_by_key(|kind| order.iter().position(|known| *known == namespace(kind)));
}

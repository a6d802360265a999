//! The pages that a request names: with `titles`, `pageids` or `revids`.
//!
//! The wiki has one page, its main page, as an installed wiki has (recorded case `siteinfo/statistics-fv1`); it is empty.
//! MediaWiki: `ApiPageSet`. Recorded case: `query/titles-and-pageids`; the rest was asked of a MediaWiki 1.39.

mod order;
mod special;

use self::order::{sort_by_first_of_namespace, without_number};
use self::special::{is_special_page, with_usual_name};
use super::siteinfo::interwiki_prefix;
use crate::api::ApiOptions;
use crate::api::answer::Answer;
use crate::api::catalogue::Catalogue;
use crate::api::error_format::ErrorFormatter;
use crate::api::module::Group;
use crate::api::params::Params;
use crate::api::query_error::QueryError;
use crate::api::result::{Object, Value};
use crate::api::title::{ForeignTitle, Namespace, Title, TitleFault};

/// The params that name pages; one of them may be given.
pub(super) const TITLES: &str = "titles";
pub(super) const PAGE_IDS: &str = "pageids";
pub(super) const REVISION_IDS: &str = "revids";
pub(super) const INDEX_PAGE_IDS: &str = "indexpageids";
pub(super) const GENERATOR: &str = "generator";

/// The main page, the number of which is also that of its only revision.
pub(super) const MAIN_PAGE: &str = "Main Page";
pub(super) const MAIN_PAGE_ID: i64 = 1;

/// The pages of a request.
#[derive(Debug, Clone, Default)]
pub struct PageSet {
    normalized: Vec<(String, String)>,
    foreign: Vec<ForeignTitle>,
    bad_revisions: Vec<i64>,
    pages: Vec<Page>,
    with_index: bool,
}

/// A page of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its number; for what has none, one below 0 that no other page of the request has.
    pub key: i64,
    /// What it is.
    pub kind: PageKind,
}

/// What a page is that a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageKind {
    /// A page that could be made.
    Missing(Title),
    /// What is no title.
    Invalid(String, TitleFault),
    /// A number that no page has.
    MissingId,
    /// A special page, or one of another namespace that has no pages.
    Special(Title),
    /// The main page.
    Main(Title),
}

impl PageSet {
    /// The pages that these params name.
    pub fn of(
        params: &Params<'_>,
        options: &ApiOptions,
        catalogue: &Catalogue,
    ) -> Result<Self, QueryError> {
        let sources = [TITLES, PAGE_IDS, REVISION_IDS];
        let mut given = sources.into_iter().filter(|name| params.is_present(name));
        if let (Some(other), Some(param)) = (given.next(), given.next()) {
            return Err(QueryError::SeveralSources { param, other });
        }
        if let Some(name) = params.text(GENERATOR) {
            let groups = [Group::Prop, Group::List, Group::Meta];
            let is_known = groups
                .iter()
                .any(|group| catalogue.query(*group, name).is_some());
            let name = name.to_owned();
            return Err(if is_known {
                QueryError::NoGenerator(name)
            } else {
                QueryError::UnknownGenerator(name)
            });
        }
        let mut set = Self {
            with_index: params.is_present(INDEX_PAGE_IDS),
            ..Self::default()
        };
        set.add_titles(params.values(TITLES), &options.site.name);
        set.add_ids(params.numbers(PAGE_IDS));
        set.add_revisions(params.numbers(REVISION_IDS));
        Ok(set)
    }

    /// Those that have no number get one each: first what is no title, then special pages, then those that are missing,
    /// namespace by namespace. The answer has the missing ones first, then the others, the main page last.
    fn add_titles<'t>(&mut self, texts: impl Iterator<Item = &'t str>, site_name: &str) {
        let (mut invalid, mut special, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        let mut main = None;
        for text in texts {
            let title = match self.add_if_foreign(text, site_name) {
                Ok(true) => continue,
                Ok(false) => Title::read(text, site_name).map(with_usual_name),
                Err(fault) => Err(fault),
            };
            let title = match title {
                Ok(title) => title,
                Err(fault) => {
                    invalid.push(PageKind::Invalid(text.to_owned(), fault));
                    continue;
                }
            };
            let prefixed = title.prefixed(site_name);
            if prefixed != text {
                self.normalized.push((text.to_owned(), prefixed.clone()));
            }
            let (kind, kinds) = match title.namespace.id {
                _ if prefixed.is_empty() => continue,
                ..0 => (PageKind::Special(title), &mut special),
                _ if prefixed == MAIN_PAGE => {
                    main = Some(PageKind::Main(title));
                    continue;
                }
                _ => (PageKind::Missing(title), &mut missing),
            };
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        sort_by_first_of_namespace(&mut missing);
        let kinds = invalid.into_iter().chain(special).chain(missing);
        self.pages.extend(without_number(kinds));
        let key = MAIN_PAGE_ID;
        self.pages.extend(main.map(|kind| Page { key, kind }));
    }

    /// Whether the title is one on another wiki, which is told apart from the pages.
    fn add_if_foreign(&mut self, text: &str, site_name: &str) -> Result<bool, TitleFault> {
        let find = |prefix: &str| {
            interwiki_prefix(prefix).filter(|_| Namespace::named(prefix, site_name).is_none())
        };
        let Some(title) = ForeignTitle::read(text, find).transpose()? else {
            return Ok(false);
        };
        let prefixed = title.prefixed();
        if prefixed != text {
            self.normalized.push((text.to_owned(), prefixed));
        }
        if !self.foreign.contains(&title) {
            self.foreign.push(title);
        }
        Ok(true)
    }

    fn add_ids(&mut self, ids: Vec<i64>) {
        let (main, missing): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| *id == MAIN_PAGE_ID);
        let missing = missing.into_iter().map(|key| Page {
            key,
            kind: PageKind::MissingId,
        });
        self.pages.extend(missing);
        self.pages.extend(main.first().map(|_| main_page()));
    }

    fn add_revisions(&mut self, ids: Vec<i64>) {
        let (main, missing): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| *id == MAIN_PAGE_ID);
        self.bad_revisions = missing;
        self.pages.extend(main.first().map(|_| main_page()));
    }

    /// Puts the pages into the answer.
    pub fn tell(&self, site_name: &str, answer: &mut Answer) {
        if !self.normalized.is_empty() {
            let normalized = self.normalized.iter().map(|(from, to)| {
                Value::Object(Object::of([
                    ("fromencoded", Value::Bool(false)),
                    ("from", Value::text(from)),
                    ("to", Value::text(to)),
                ]))
            });
            let normalized = Value::list("n", normalized);
            answer.result.set_in("query", "normalized", normalized);
        }
        if !self.foreign.is_empty() {
            let foreign = self.foreign.iter().map(|title| {
                let prefix = ("iw", Value::text(title.prefix));
                Object::of([("title", Value::text(title.prefixed())), prefix]).into()
            });
            let foreign = Value::list("i", foreign);
            answer.result.set_in("query", "interwiki", foreign);
        }
        if !self.bad_revisions.is_empty() {
            let mut bad = Object::default().numbered("rev");
            for id in &self.bad_revisions {
                let id_value = ("revid", Value::Number(*id));
                bad.set(id.to_string(), Object::of([id_value, missing()]));
            }
            answer.result.set_in("query", "badrevids", bad);
        }
        if self.pages.is_empty() {
            return;
        }
        if self.with_index {
            let keys = self.pages.iter().map(|page| page.key.to_string());
            let keys = Value::texts("id", keys);
            answer.result.set_in("query", "pageids", keys);
        }
        let mut pages = Object::default().numbered("page").listed_by_number();
        for page in &self.pages {
            let entry = page.entry(site_name, answer.reporting());
            pages.set(page.key.to_string(), entry);
        }
        answer.result.set_in("query", "pages", pages);
    }

    /// Adds to the entries of pages what a module has to say about each.
    pub fn add(&self, answer: &mut Answer, describe: impl Fn(&Page) -> Option<Object>) {
        let Some(Value::Object(query)) = answer.result.get_mut("query") else {
            return;
        };
        let Some(Value::Object(pages)) = query.get_mut("pages") else {
            return;
        };
        for page in &self.pages {
            if let (Some(Value::Object(entry)), Some(more)) =
                (pages.get_mut(&page.key.to_string()), describe(page))
            {
                entry.extend(more);
            }
        }
    }
}

impl Page {
    fn entry(&self, site_name: &str, reporting: &ErrorFormatter) -> Object {
        let named = |title: &Title| {
            [
                ("ns", Value::Number(title.namespace.id)),
                ("title", Value::text(title.prefixed(site_name))),
            ]
        };
        let id = ("pageid", Value::Number(self.key));
        match &self.kind {
            PageKind::Missing(title) => {
                let [namespace, title] = named(title);
                Object::of([namespace, title, missing()])
            }
            PageKind::Invalid(text, fault) => Object::of([
                ("title", Value::text(text)),
                ("invalidreason", reporting.show(fault.report())),
                ("invalid", Value::Bool(true)),
            ]),
            PageKind::MissingId => Object::of([id, missing()]),
            PageKind::Special(title) => {
                let is_there = is_special_page(title);
                let [namespace, title] = named(title);
                let mut entry = Object::of([namespace, title, ("special", Value::Bool(true))]);
                if !is_there {
                    let (name, yes) = missing();
                    entry.set(name, yes);
                }
                entry
            }
            PageKind::Main(title) => {
                let [namespace, title] = named(title);
                Object::of([id, namespace, title])
            }
        }
    }
}

fn missing() -> (&'static str, Value) {
    ("missing", Value::Bool(true))
}

fn main_page() -> Page {
    Page {
        key: MAIN_PAGE_ID,
        kind: PageKind::Main(Title {
            namespace: Namespace::MAIN,
            text: MAIN_PAGE.to_owned(),
        }),
    }
}

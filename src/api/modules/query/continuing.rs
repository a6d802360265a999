//! How a client gets a long answer in parts: the param `continue`, and what an answer says to go on with.
//!
//! The value of `continue` is `-||` and the names of the modules that have given all they had, separated by `|`. The `-` says
//! that no pages are left to tell of, and so no module of `prop` has anything left.

use crate::api::error::ApiError;
use crate::api::module::{Continuation, MAIN};
use crate::api::query_error::QueryError;
use crate::api::result::{Object, Value};

/// What the value begins with when all pages were told of, as they always are: there are never too many.
const NO_PAGES_LEFT: &str = "-";

/// What stands before the names of modules.
const SEPARATOR: &str = "||";

/// How far a query has got.
#[derive(Debug)]
pub struct Progress {
    /// Whether the client wants the form from before MediaWiki 1.21, and cares for itself.
    is_raw: bool,
    /// The modules that the request names, in order.
    named: Vec<&'static str>,
    /// Whether pages were told of before.
    has_told_pages: bool,
    /// Modules that have given all, in this answer or before.
    finished: Vec<&'static str>,
    /// Where the others go on.
    more: Vec<(&'static str, Continuation)>,
}

impl Progress {
    /// The progress of a client that cares for itself.
    pub fn raw() -> Self {
        Self {
            is_raw: true,
            named: Vec::new(),
            has_told_pages: false,
            finished: Vec::new(),
            more: Vec::new(),
        }
    }

    /// The progress that the param `continue` tells of; empty, it tells of none. Of the modules that the request names, the
    /// first `props` are those of `prop`.
    pub fn read(
        param: Option<&str>,
        named: &[&'static str],
        props: usize,
    ) -> Result<Self, ApiError> {
        let mut progress = Self {
            is_raw: false,
            named: named.to_vec(),
            ..Self::raw()
        };
        let Some(param) = param.filter(|param| !param.is_empty()) else {
            return Ok(progress);
        };
        let mut parts = param.split(SEPARATOR);
        let (Some(pages), Some(finished), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(QueryError::BadContinue { module: MAIN }.into());
        };
        progress.has_told_pages = pages == NO_PAGES_LEFT;
        let is_finished = |known: &&&'static str| finished.split('|').any(|name| name == **known);
        progress.finished = named.iter().filter(is_finished).copied().collect();
        if progress.has_told_pages {
            progress.finished.extend(named.iter().take(props));
        }
        Ok(progress)
    }

    /// Whether the pages that the request names are to be told of.
    pub fn has_pages_left(&self) -> bool {
        !self.has_told_pages
    }

    /// Whether the module has something left to give.
    pub fn is_unfinished(&self, module: &str) -> bool {
        !self.finished.contains(&module)
    }

    /// Notes what a module said at its end.
    pub fn note(&mut self, module: &'static str, more: Option<Continuation>) {
        match more {
            Some(more) => self.more.push((module, more)),
            None => self.finished.push(module),
        }
    }

    /// Puts it on top of the result.
    pub fn tell(self, result: &mut Object) {
        if self.is_raw {
            if !self.more.is_empty() {
                let entries = self.more.into_iter().map(|(module, more)| {
                    let mut entry = Object::default();
                    entry.set(more.param, Value::text(more.value));
                    (module, entry)
                });
                let mut modules = Object::default();
                entries.for_each(|(module, entry)| modules.set(module, entry));
                result.set_on_top("query-continue", Value::Object(modules));
            }
            return;
        }
        if !self.more.is_empty() {
            let mut entry = Object::default();
            for (_, more) in self.more {
                entry.set(more.param, Value::text(more.value));
            }
            let mut finished = self.named;
            finished.retain(|name| self.finished.contains(name));
            let finished = finished.join("|");
            entry.set(
                "continue",
                Value::text(format!("{NO_PAGES_LEFT}{SEPARATOR}{finished}")),
            );
            result.set_on_top("continue", Value::Object(entry));
        }
        result.set_on_top("batchcomplete", Value::Bool(true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::result::FormatVersion;

    fn more() -> Continuation {
        Continuation {
            param: "aufrom",
            value: "Bob".to_owned(),
        }
    }

    fn told(progress: Progress) -> Object {
        let mut result = Object::of([("query", Value::Object(Object::default()))]);
        progress.tell(&mut result);
        result
    }

    #[test]
    fn a_client_goes_on_with_the_modules_that_have_more() {
        // Answers of a MediaWiki 1.39 to list=allusers|users&aulimit=1&meta=siteinfo, and to what that said to go on with.
        let asked = ["allusers", "users", "siteinfo"];
        let mut progress = Progress::read(None, &asked, 0).unwrap();
        progress.note("allusers", Some(more()));
        progress.note("users", None);
        progress.note("siteinfo", None);
        let result = told(progress);
        let names: Vec<_> = result
            .entries(FormatVersion::V2)
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["batchcomplete", "continue", "query"]);
        let expected = Object::of([
            ("aufrom", Value::text("Bob")),
            ("continue", Value::text("-||users|siteinfo")),
        ]);
        assert_eq!(result.get("continue"), Some(&Value::Object(expected)));
        let progress = Progress::read(Some("-||users|siteinfo"), &asked, 0).unwrap();
        assert!(progress.is_unfinished("allusers") && !progress.is_unfinished("users"));
    }

    #[test]
    fn only_what_an_answer_has_said_can_be_continued() {
        // Recorded case query/continue-bad; an empty value is what clients begin with; the others: a MediaWiki 1.39.
        let asked = ["allusers"];
        for (param, is_good) in [
            ("bad", false),
            ("-||x", true),
            ("x||", true),
            ("-||allusers||", false),
            ("||", true),
            ("", true),
            ("-||", true),
            ("-||allusers", true),
        ] {
            assert_eq!(
                Progress::read(Some(param), &asked, 0).is_ok(),
                is_good,
                "{param}"
            );
        }
    }

    #[test]
    fn a_client_that_cares_for_itself_gets_the_old_form() {
        // Recorded case params/rawcontinue.
        let mut progress = Progress::raw();
        progress.note("allusers", Some(more()));
        let result = told(progress);
        assert_eq!(result.get("batchcomplete"), None);
        let expected = Object::of([(
            "allusers",
            Value::Object(Object::of([("aufrom", Value::text("Bob"))])),
        )]);
        assert_eq!(result.get("query-continue"), Some(&Value::Object(expected)));
    }

    #[test]
    fn pages_are_told_of_once() {
        // Answers of a MediaWiki 1.39 to continue=-||users&prop=info&titles=A&list=allusers|users&aulimit=1&aufrom=B, and to
        // the same with ||users.
        let named = ["info", "allusers", "users"];
        let mut progress = Progress::read(Some("-||users"), &named, 1).unwrap();
        assert!(!progress.has_pages_left() && !progress.is_unfinished("info"));
        progress.note("allusers", Some(more()));
        let expected = Value::text("-||info|users");
        match told(progress).get("continue") {
            Some(Value::Object(entry)) => assert_eq!(entry.get("continue"), Some(&expected)),
            other => panic!("{other:?}"),
        }
        let progress = Progress::read(Some("||users"), &named, 1).unwrap();
        assert!(progress.has_pages_left() && progress.is_unfinished("info"));
    }
}

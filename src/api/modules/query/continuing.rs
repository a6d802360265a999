//! How a client gets a long answer in parts: the param `continue`, and what an answer says to go on with.
//!
//! The value of `continue` is `-||` and the names of the modules that have given all they had, separated by `|`.

use crate::api::error::ApiError;
use crate::api::module::Continuation;
use crate::api::result::{Object, Value};

/// What the value begins with where no generator is under way, as here.
const NO_GENERATOR: &str = "-||";

/// How far a query has got.
#[derive(Debug)]
pub struct Progress {
    /// Whether the client wants the form from before MediaWiki 1.21, and cares for itself.
    is_raw: bool,
    /// Modules that have given all, in this answer or before.
    finished: Vec<String>,
    /// Where the others go on.
    more: Vec<(&'static str, Continuation)>,
}

impl Progress {
    /// The progress of a client that cares for itself.
    pub fn raw() -> Self {
        Self {
            is_raw: true,
            finished: Vec::new(),
            more: Vec::new(),
        }
    }

    /// The progress that the param `continue` tells of; empty, it tells of none.
    pub fn read(param: Option<&str>, asked: &[&'static str]) -> Result<Self, ApiError> {
        let mut finished = Vec::new();
        if let Some(param) = param.filter(|param| !param.is_empty()) {
            let names = param
                .strip_prefix(NO_GENERATOR)
                .ok_or(ApiError::BadContinue)?;
            for name in names.split('|').filter(|name| !name.is_empty()) {
                if !asked.contains(&name) {
                    return Err(ApiError::BadContinue);
                }
                finished.push(name.to_owned());
            }
        }
        Ok(Self {
            is_raw: false,
            finished,
            more: Vec::new(),
        })
    }

    /// Whether the module has something left to give.
    pub fn is_unfinished(&self, module: &str) -> bool {
        !self.finished.iter().any(|name| name == module)
    }

    /// Notes what a module said at its end.
    pub fn note(&mut self, module: &'static str, more: Option<Continuation>) {
        match more {
            Some(more) => self.more.push((module, more)),
            None => self.finished.push(module.to_owned()),
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
            let finished = self.finished.join("|");
            entry.set("continue", Value::text(format!("{NO_GENERATOR}{finished}")));
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
        let mut progress = Progress::read(None, &asked).unwrap();
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
        let progress = Progress::read(Some("-||users|siteinfo"), &asked).unwrap();
        assert!(progress.is_unfinished("allusers") && !progress.is_unfinished("users"));
    }

    #[test]
    fn only_what_an_answer_has_said_can_be_continued() {
        // Recorded case query/continue-bad; an empty value is what old clients begin with.
        let asked = ["allusers"];
        for (param, is_good) in [
            ("bad", false),
            ("-||x", false),
            ("||", false),
            ("", true),
            ("-||", true),
            ("-||allusers", true),
        ] {
            assert_eq!(
                Progress::read(Some(param), &asked).is_ok(),
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
}

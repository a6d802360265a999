//! The module `meta=allmessages`: the texts of the wiki, as far as this program has them.
//!
//! MediaWiki: `ApiQueryAllMessages`. Recorded case: `query/allmessages-qqx`; the rest was asked of a MediaWiki 1.39.
//! Where a text has forms for numbers, the form for the number among `amargs` is given, with `amenableparser` or without.

use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::messages::{self, Language, Message, MessageParam, TextForm};
use crate::api::module::{
    CacheMode, Continuation, Group, ModuleInfo, QueryCall, QueryExecute, QueryModule,
};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::params::Params;
use crate::api::result::{Object, Value};

/// The module.
pub static MODULE: QueryModule = QueryModule {
    info: ModuleInfo {
        name: NAME,
        path: "query+allmessages",
        prefix: "am",
        group: Group::Meta,
        class: "MediaWiki\\Api\\ApiQueryAllMessages",
        help_urls: &["https://www.mediawiki.org/wiki/Special:MyLanguage/API:Allmessages"],
        summary: "Gives texts that the wiki shows.",
        examples: &[
            (
                "action=query&meta=allmessages&amprefix=paramvalidator-",
                "Gives the texts whose names begin with <kbd>paramvalidator-</kbd>.",
            ),
            (
                "action=query&meta=allmessages&ammessages=mainpage&amlang=qqx",
                "Gives the text <kbd>mainpage</kbd> in the language that shows names.",
            ),
        ],
        params: PARAMS,
        cache_mode: CacheMode::AnonPublicUserPrivate,
        ..ModuleInfo::BASE
    },
    execute: QueryExecute::AtOnce(execute),
};

const NAME: &str = "allmessages";
const MESSAGES: &str = "ammessages";
const NO_CONTENT: &str = "amnocontent";
const ARGS: &str = "amargs";
const FILTER: &str = "amfilter";
const CUSTOMISED: &str = "amcustomised";
const LANGUAGE: &str = "amlang";
const FROM: &str = "amfrom";
const TO: &str = "amto";
const PREFIX: &str = "amprefix";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::with_default(MESSAGES, ParamKind::Text, ALL)
        .multi()
        .help("The texts, by name; <kbd>*</kbd> is all of them."),
    ParamSpec::optional("amprop", ParamKind::Choice(|| vec!["default"]))
        .multi()
        .help("What to tell besides: of a text that was changed, what it was before. None is changed here."),
    ParamSpec::optional("amenableparser", ParamKind::Presence)
        .help("Whether templates and magic words are replaced. There are none here."),
    ParamSpec::optional(NO_CONTENT, ParamKind::Presence).help("Whether to leave the texts themselves out."),
    ParamSpec::optional("amincludelocal", ParamKind::Presence)
        .help("Whether to list texts that only this wiki has, too. There are none here."),
    ParamSpec::optional(ARGS, ParamKind::Text)
        .multi_with_duplicates()
        .help("What is put into the texts for <kbd>$1</kbd>, <kbd>$2</kbd> and so on."),
    ParamSpec::optional(FILTER, ParamKind::Text).help("Only texts with this in their names."),
    ParamSpec::with_default(
        CUSTOMISED,
        ParamKind::Choice(|| vec!["all", "modified", "unmodified"]),
        "all",
    )
    .help("Only texts that were changed, or only those that were not."),
    ParamSpec::optional(LANGUAGE, ParamKind::Text)
        .help("The language; <kbd>qqx</kbd> shows names in place of texts, any other one has the English texts."),
    ParamSpec::optional(FROM, ParamKind::Text).help("The text to begin with."),
    ParamSpec::optional(TO, ParamKind::Text).help("The name to end at."),
    ParamSpec::optional("amtitle", ParamKind::Text).help("The page on which the texts would stand."),
    ParamSpec::optional(PREFIX, ParamKind::Text).help("Only texts whose names begin with this."),
];

/// What stands for all texts.
const ALL: &str = "*";

#[expect(
    clippy::unnecessary_wraps,
    reason = "other modules of the table fail, or go on"
)]
fn execute(call: &QueryCall<'_>, answer: &mut Answer) -> Result<Option<Continuation>, ApiError> {
    let language = match call.params.text(LANGUAGE) {
        Some(code) if !code.is_empty() => Language::of_code(code),
        Some(_) | None => answer.language().clone(),
    };
    let args: Vec<_> = call.params.values(ARGS).map(argument).collect();
    let with_text = !call.params.is_present(NO_CONTENT);
    let entries = wanted(call.params).into_iter().map(|name| {
        let normalized = normalized(name);
        let text = text(name, &args, &language);
        let mut entry = Object::of([
            ("name", Value::text(name)),
            ("normalizedname", Value::text(&normalized)),
        ]);
        match text {
            Some(text) if with_text => entry.set_content("content", Value::text(text)),
            Some(_) => {}
            None => entry.set("missing", Value::Bool(true)),
        }
        Value::Object(entry)
    });
    let entries = Value::list("message", entries);
    answer.result.set_in("query", NAME, entries);
    Ok(None)
}

/// The names that the params leave, in order.
fn wanted<'c>(params: &'c Params<'_>) -> Vec<&'c str> {
    if params.text(CUSTOMISED) == Some("modified") {
        return Vec::new();
    }
    let mut names: Vec<&str> = params.values(MESSAGES).collect();
    if names.contains(&ALL) {
        names = messages::ALL.iter().map(|message| message.key()).collect();
        names.sort_unstable();
    }
    let prefix = params.text(PREFIX).unwrap_or_default();
    let part = params.text(FILTER).unwrap_or_default();
    let to = params.text(TO);
    let is_before_from = |name: &&str| params.text(FROM).is_some_and(|from| *name != from);
    names
        .into_iter()
        .filter(|name| name.starts_with(prefix))
        .take_while(|name| to.is_none_or(|to| *name <= to))
        .skip_while(is_before_from)
        .filter(|name| name.contains(part))
        .collect()
}

/// A name as messages have it: a small letter at the beginning, underscores for spaces.
fn normalized(name: &str) -> String {
    let name = name.replace(' ', "_");
    let mut characters = name.chars();
    let first = characters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(characters).collect()
}

/// A number stays one, so that it can decide about the form of the text.
fn argument(text: &str) -> MessageParam {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text => MessageParam::Number(number),
        Ok(_) | Err(_) => MessageParam::text(text),
    }
}

/// The text; `None` if there is none of this name. In `qqx` it is the name as it was given, whether there is a text or not.
fn text(name: &str, args: &[MessageParam], language: &Language) -> Option<String> {
    if *language == Language::Qqx {
        return Some(messages::qqx(name, args));
    }
    let name = normalized(name);
    let known = messages::ALL.iter().find(|message| message.key() == name)?;
    Some(Message::new(known, args).render(language, TextForm::Wikitext))
}

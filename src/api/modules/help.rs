//! The module `help`: pages that describe modules and formats, for people. It is what a request without `action` gets.
//!
//! MediaWiki: `ApiHelp`. The words and the look are our own; what is described stands in the rows that everything else
//! reads too. Recorded cases: `errors/action-help-*`, `errors/action-none-at-all`, `modes/private-help`.

mod general;
mod module_section;
mod param_item;
#[cfg(test)]
mod tests;

use self::module_section::{HelpPage, Section};
use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::formats::Document;
use crate::api::module::{ActionModule, Execution, MAIN, ModuleCall, ModuleInfo};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::result::{Object, Value};

/// The module.
pub static MODULE: ActionModule = ActionModule {
    info: ModuleInfo {
        name: NAME,
        path: NAME,
        class: "MediaWiki\\Api\\ApiHelp",
        help_urls: &[
            "https://www.mediawiki.org/wiki/Special:MyLanguage/API:Main_page",
            "https://www.mediawiki.org/wiki/Special:MyLanguage/API:FAQ",
            "https://www.mediawiki.org/wiki/Special:MyLanguage/API:Quick_start_guide",
        ],
        summary: "Shows pages like this one, which describe modules, formats and their params.",
        examples: &[
            ("action=help", "The page of the main module."),
            (
                "action=help&modules=bouncehandler",
                "How bounces are handed over.",
            ),
            (
                "action=help&modules=query&submodules=1",
                "<kbd>action=query</kbd> and all its modules on one page.",
            ),
            (
                "action=help&recursivesubmodules=1&toc=1",
                "Everything on one page, with a table of contents.",
            ),
        ],
        params: PARAMS,
        is_read_mode: false,
        difference: Some(
            "the page has words and a look of its own, in English whatever `uselang` says",
        ),
        ..ModuleInfo::BASE
    },
    execute,
};

const NAME: &str = "help";
const MODULES: &str = "modules";
const SUBMODULES: &str = "submodules";
const RECURSIVE: &str = "recursivesubmodules";
const WRAP: &str = "wrap";
const CONTENTS: &str = "toc";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::with_default(MODULES, ParamKind::Text, MAIN).multi().help(
        "The modules, by their paths: <kbd>main</kbd>, the name of an action or a format, or <kbd>query+</kbd> and the name of \
         one of the modules of <kbd>query</kbd>.",
    ),
    ParamSpec::optional(SUBMODULES, ParamKind::Presence)
        .help("Describes the modules of each of these modules too."),
    ParamSpec::optional(RECURSIVE, ParamKind::Presence)
        .help("Describes their modules, and again the modules of these."),
    ParamSpec::optional(WRAP, ParamKind::Presence)
        .help("Gives the page as a text within a result, in the format of the request."),
    ParamSpec::optional(CONTENTS, ParamKind::Presence)
        .help("Puts a table of contents on top."),
];

/// The header `Content-Type` of the page, without its charset.
const MIME: &str = "text/html";

const FILE_NAME: &str = "api-help.html";

fn execute(call: &ModuleCall<'_>, answer: &mut Answer) -> Result<Execution, ApiError> {
    let params = call.params;
    let mut sections = Vec::new();
    for path in params.values(MODULES).filter(|path| !path.is_empty()) {
        let found = call.catalogue.at_path(path);
        let info = found.map_err(|error| ApiError::BadModule {
            module: NAME,
            error,
        })?;
        sections.push(Section { info, level: 2 });
        if params.is_present(RECURSIVE) {
            module_section::add_submodules(call.catalogue, info, 3, true, &mut sections);
        } else if params.is_present(SUBMODULES) {
            module_section::add_submodules(call.catalogue, info, 3, false, &mut sections);
        }
    }
    let page = HelpPage {
        catalogue: call.catalogue,
        script_url: &call.api.script_url,
        sections,
        has_contents: params.is_present(CONTENTS),
    };
    answer.made_page = true;
    if !params.is_present(WRAP) {
        let page = Document::page("text/html; charset=utf-8", FILE_NAME, page.html());
        return Ok(Execution::Page(page));
    }
    let entry = Object::of([
        ("mime", Value::text(MIME)),
        ("filename", Value::text(FILE_NAME)),
        ("help", Value::text(page.html())),
    ]);
    let entry = entry.with_subelements(&["help"]);
    answer.result.set(NAME, entry);
    Ok(Execution::Complete)
}

//! The page, and on it a section for each module.

use super::general;
use super::param_item::param_item;
use crate::api::catalogue::Catalogue;
use crate::api::help_text::HelpText;
use crate::api::markup::escape_html;
use crate::api::messages::Language;
use crate::api::module::{MAIN, ModuleInfo};
use crate::api::page;

/// The smallest heading.
const DEEPEST_LEVEL: usize = 4;

/// A page that describes modules.
pub struct HelpPage<'p> {
    /// What modules there are.
    pub catalogue: &'static Catalogue,
    /// Where clients find the API.
    pub script_url: &'p str,
    /// The modules, in order.
    pub sections: Vec<Section>,
    /// Whether there is a table of contents.
    pub has_contents: bool,
}

/// The description of one module.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// The module.
    pub info: &'static ModuleInfo,
    /// The level of its heading.
    pub level: usize,
}

/// Adds sections for the modules of a module, group by group; with `all`, for theirs too.
pub fn add_submodules(
    catalogue: &'static Catalogue,
    parent: &ModuleInfo,
    level: usize,
    all: bool,
    sections: &mut Vec<Section>,
) {
    let groups = parent.submodule_groups().unwrap_or_default();
    for info in groups.iter().flat_map(|group| catalogue.group(*group)) {
        sections.push(Section { info, level });
        if all {
            let level = level.saturating_add(1).min(DEEPEST_LEVEL);
            add_submodules(catalogue, info, level, all, sections);
        }
    }
}

/// The link to the page of a module, and what people click on (HTML).
pub fn module_link(info: &ModuleInfo, text: &str) -> String {
    let path = escape_html(&info.path.replace('+', "%2B"));
    format!("<a href=\"?action=help&amp;modules={path}\">{text}</a>")
}

/// What a module does, as HTML.
fn description(info: &ModuleInfo) -> String {
    HelpText::of_module(info).html(&Language::English)
}

/// What a module does, in a sentence or two, as HTML.
pub fn summary(info: &ModuleInfo) -> String {
    let description = description(info);
    let first = description.split("</p>").next().unwrap_or_default();
    first.trim_start_matches("<p>").trim_end().to_owned()
}

impl HelpPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        let mut body = general::introduction(self.script_url);
        if self.has_contents {
            body.push_str(&self.contents());
        }
        for section in &self.sections {
            body.push_str(&self.section(*section));
        }
        page::page("bouncehandlerd API help", &body)
    }

    fn contents(&self) -> String {
        let entries = self.sections.iter().map(|section| {
            let (path, title) = (escape_html(section.info.path), title(section.info));
            let level = section.level;
            format!("<li class=\"level{level}\"><a href=\"#{path}\">{title}</a></li>\n")
        });
        let entries: String = entries.collect();
        format!("<nav><p class=\"label\">Contents</p>\n<ul class=\"toc\">\n{entries}</ul></nav>\n")
    }

    fn section(&self, section: Section) -> String {
        let Section { info, level } = section;
        let (path, title) = (escape_html(info.path), title(info));
        let mut html =
            format!("<section class=\"module\" id=\"{path}\">\n<h{level}>{title}</h{level}>\n");
        html.push_str(&self.trail(info));
        html.push_str(&flags(info));
        html.push_str(&paragraphs(&description(info)));
        html.push_str(&difference(info.difference));
        html.push_str(&links(info));
        html.push_str(&self.params(info));
        html.push_str(&examples(info));
        if info.path == MAIN {
            html.push_str(general::DATA_TYPES);
        }
        html + "</section>\n"
    }

    /// Where the module belongs.
    fn trail(&self, info: &ModuleInfo) -> String {
        if info.path == MAIN {
            return String::new();
        }
        let mut trail = vec![module_link(self.catalogue.main, MAIN)];
        if let Some((parent, _)) = info.path.split_once('+')
            && let Ok(parent) = self.catalogue.at_path(parent)
        {
            trail.push(module_link(parent, &escape_html(parent.name)));
        }
        trail.push(module_link(info, &escape_html(info.name)));
        format!("<p class=\"trail\">{}</p>\n", trail.join(" › "))
    }

    fn params(&self, info: &ModuleInfo) -> String {
        if info.params.is_empty() {
            return String::new();
        }
        let items = info
            .params
            .iter()
            .map(|spec| param_item(self.catalogue, info, spec));
        let items: String = items.collect();
        format!("<p class=\"label\">Params</p>\n<dl class=\"params\">\n{items}</dl>\n")
    }
}

/// What the module is called by, and its prefix.
fn title(info: &ModuleInfo) -> String {
    if info.path == MAIN {
        return "Main module".to_owned();
    }
    let (group, name) = (info.group.name(), escape_html(info.name));
    match info.prefix {
        "" => format!("{group}={name}"),
        prefix => format!(
            "{group}={name} <span class=\"soft\">({})</span>",
            escape_html(prefix)
        ),
    }
}

fn flags(info: &ModuleInfo) -> String {
    let flags = [
        (info.is_deprecated, "alert", "deprecated"),
        (info.is_internal, "alert", "internal"),
        (info.is_read_mode, "", "needs the right to read"),
        (info.is_write_mode, "", "changes something"),
        (info.must_be_posted, "", "POST only"),
    ];
    let set = flags.into_iter().filter(|(is_set, ..)| *is_set);
    let items: Vec<_> = set
        .map(|(_, class, text)| format!("<li class=\"{class}\">{text}</li>"))
        .collect();
    let (items, source) = (items.concat(), info.source.name());
    format!("<ul class=\"flags\">{items}<li>as in {source}</li></ul>\n")
}

/// One paragraph, unless the text has its own.
pub fn paragraphs(html: &str) -> String {
    match html {
        "" => String::new(),
        several if several.starts_with("<p>") => format!("{several}\n"),
        one => format!("<p>{one}</p>\n"),
    }
}

/// In what something is not as in the original; the row has Markdown.
pub fn difference(difference: Option<&str>) -> String {
    let Some(text) = difference else {
        return String::new();
    };
    let mut html = String::from("<p class=\"soft\">Not as in the original: ");
    for (place, piece) in escape_html(text).split('`').enumerate() {
        if place > 0 {
            html.push_str(if place % 2 == 1 { "<kbd>" } else { "</kbd>" });
        }
        html.push_str(piece);
    }
    html + ".</p>\n"
}

fn links(info: &ModuleInfo) -> String {
    if info.help_urls.is_empty() {
        return String::new();
    }
    let items = info.help_urls.iter().map(|url| {
        let url = escape_html(url);
        format!("<li><a href=\"{url}\" rel=\"nofollow noreferrer\">{url}</a></li>\n")
    });
    let items: String = items.collect();
    format!("<p class=\"label\">The original</p>\n<ul class=\"links\">\n{items}</ul>\n")
}

/// Examples that must be posted are shown, but lead nowhere.
fn examples(info: &ModuleInfo) -> String {
    if info.examples.is_empty() {
        return String::new();
    }
    let items = info
        .examples
        .iter()
        .enumerate()
        .map(|(place, (query, text))| {
            let text = HelpText::of_example(info, place, text).html(&Language::English);
            let query = escape_html(query);
            let shown = if info.must_be_posted {
                format!("<code>{query}</code>")
            } else {
                format!("<a href=\"?{query}\" rel=\"nofollow\"><code>api.php?{query}</code></a>")
            };
            format!("<dt>{text}</dt><dd>{shown}</dd>\n")
        });
    let items: String = items.collect();
    format!("<p class=\"label\">Examples</p>\n<dl class=\"examples\">\n{items}</dl>\n")
}

//! A param on a help page.

use super::module_section::{difference, module_link, paragraphs, summary};
use crate::api::catalogue::Catalogue;
use crate::api::help_text::HelpText;
use crate::api::markup::escape_html;
use crate::api::messages::Language;
use crate::api::module::{Group, ModuleInfo};
use crate::api::param_spec::{Absent, Multi, ParamKind, ParamSpec};
use crate::api::params::ValueLimit;

/// The param: its name, what it is for, what it takes.
pub fn param_item(catalogue: &'static Catalogue, info: &ModuleInfo, spec: &ParamSpec) -> String {
    let name = escape_html(spec.name);
    let text = paragraphs(&HelpText::of_param(info, spec).html(&Language::English));
    let facts = facts(spec);
    let modules = match spec.kind {
        ParamKind::Module(group) => modules(catalogue, group),
        ParamKind::Text
        | ParamKind::Password
        | ParamKind::Generator
        | ParamKind::Choice(_)
        | ParamKind::Presence
        | ParamKind::Integer { .. }
        | ParamKind::Limit
        | ParamKind::User
        | ParamKind::Moment => String::new(),
    };
    let difference = difference(spec.difference);
    format!(
        "<div><dt>{name}</dt><dd>{text}{difference}<ul class=\"facts\">{facts}</ul>{modules}</dd></div>\n"
    )
}

fn facts(spec: &ParamSpec) -> String {
    let mut facts = Vec::new();
    if spec.is_deprecated {
        facts.push("<li class=\"alert\">Deprecated.</li>".to_owned());
    }
    if spec.is_required() {
        facts.push("<li><strong>Required.</strong></li>".to_owned());
    }
    facts.extend(kind(spec).map(|kind| format!("<li class=\"names\">{kind}</li>")));
    if spec.is_multi() {
        facts.push(format!("<li>{}</li>", multi(spec)));
    }
    if spec.is_sensitive {
        facts.push("<li>In the body of a <kbd>POST</kbd>, not in the address.</li>".to_owned());
    }
    if let Absent::Default(default) = spec.absent {
        facts.push(format!(
            "<li>Default: <kbd>{}</kbd></li>",
            escape_html(default)
        ));
    }
    facts.concat()
}

/// What values the param takes, where that is not any text.
fn kind(spec: &ParamSpec) -> Option<String> {
    match spec.kind {
        ParamKind::Text | ParamKind::Password | ParamKind::Generator | ParamKind::Module(_) => None,
        ParamKind::Presence => {
            Some("Yes or no: given with any value, also none, means yes.".to_owned())
        }
        ParamKind::Integer { min: None } => Some("A whole number.".to_owned()),
        ParamKind::Integer { min: Some(min) } => Some(format!("A whole number, at least {min}.")),
        ParamKind::Limit => {
            let [_, most, most_with_right] = ValueLimit::Low.entries();
            Some(format!(
                "A number from 1 to {most} ({most_with_right} with the right <kbd>apihighlimits</kbd>), or <kbd>max</kbd>."
            ))
        }
        ParamKind::User => Some("A user name.".to_owned()),
        ParamKind::Moment => Some("A time, or <kbd>now</kbd>.".to_owned()),
        ParamKind::Choice(names) => {
            let mut names = names();
            names.sort_unstable();
            let names = names
                .iter()
                .map(|name| format!("<kbd>{}</kbd>", escape_html(name)));
            let names = names.collect::<Vec<_>>().join(", ");
            let what = if spec.is_multi() { "Any of" } else { "One of" };
            Some(format!("{what}: {names}"))
        }
    }
}

fn multi(spec: &ParamSpec) -> String {
    let limits = ValueLimit::Low.values();
    let all = match spec.multi {
        Multi::OrAll => " <kbd>*</kbd> stands for all.",
        Multi::Yes | Multi::No => "",
    };
    format!(
        "Several values are separated by <kbd>|</kbd>; no more than {} ({} with the right <kbd>apihighlimits</kbd>).{all}",
        limits.low, limits.high
    )
}

fn modules(catalogue: &'static Catalogue, group: Group) -> String {
    let items = catalogue.group(group).into_iter().map(|info| {
        let name = escape_html(info.name);
        let link = module_link(info, &format!("<kbd>{name}</kbd>"));
        format!("<li>{link} {}</li>\n", summary(info))
    });
    let items: String = items.collect();
    format!("<ul class=\"modules\">\n{items}</ul>")
}

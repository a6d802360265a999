//! The modules and formats: the one place to register one.

use super::catalogue::Catalogue;
use super::formats::{FormatInfo, json, jsonfm, none, php, phpfm, rawfm, xml, xmlfm};
use super::main_module;
use super::module::{ActionModule, QueryModule};
use super::modules::query::{
    all_messages, all_users, authmanagerinfo, blocks, file_repo_info, info, revisions, siteinfo,
    tokens, userinfo, users,
};
use super::modules::{
    bouncehandler, checktoken, clientlogin, edit, emailuser, help, login, logout, paraminfo, query,
};

/// All modules and formats.
pub static CATALOGUE: Catalogue = Catalogue {
    main: &main_module::INFO,
    actions: ACTIONS,
    queries: QUERIES,
    formats: FORMATS,
    default_format: &jsonfm::INFO,
};

/// The modules that `action` names, sorted by name.
const ACTIONS: &[&ActionModule] = &[
    &bouncehandler::MODULE,
    &checktoken::MODULE,
    &clientlogin::MODULE,
    &edit::MODULE,
    &emailuser::MODULE,
    &help::MODULE,
    &login::MODULE,
    &logout::MODULE,
    &paraminfo::MODULE,
    &query::MODULE,
];

/// The modules of `query`, those of `prop` first, then those of `list`, then those of `meta`, each sorted by name.
const QUERIES: &[&QueryModule] = &[
    &info::MODULE,
    &revisions::MODULE,
    &all_users::MODULE,
    &blocks::MODULE,
    &users::MODULE,
    &all_messages::MODULE,
    &authmanagerinfo::MODULE,
    &file_repo_info::MODULE,
    &siteinfo::MODULE,
    &tokens::MODULE,
    &userinfo::MODULE,
];

/// The formats, sorted by name.
const FORMATS: &[&FormatInfo] = &[
    &json::INFO,
    &jsonfm::INFO,
    &none::INFO,
    &php::INFO,
    &phpfm::INFO,
    &rawfm::INFO,
    &xml::INFO,
    &xmlfm::INFO,
];

#[cfg(test)]
mod tests {
    use super::super::module::Group;
    use super::super::param_spec::{Absent, ParamKind, ParamSpec};
    use super::*;

    fn tables() -> impl Iterator<Item = &'static [ParamSpec]> {
        CATALOGUE.all().into_iter().map(|info| info.params)
    }

    #[test]
    fn names_are_unique_and_sorted() {
        let groups = [
            Group::Action,
            Group::Format,
            Group::Prop,
            Group::List,
            Group::Meta,
        ];
        for names in groups.map(|group| CATALOGUE.names(group)) {
            assert!(
                names.is_sorted_by(|first, second| first < second),
                "{names:?}"
            );
        }
        for table in tables() {
            for (at, spec) in table.iter().enumerate() {
                assert!(
                    table[..at].iter().all(|other| other.name != spec.name),
                    "{}",
                    spec.name
                );
            }
        }
    }

    #[test]
    fn every_default_is_a_value_that_the_param_takes() {
        for spec in tables().flatten() {
            let names = match spec.kind {
                ParamKind::Choice(names) => names(),
                ParamKind::Module(group) => CATALOGUE.names(group),
                _ => continue,
            };
            if let Absent::Default(default) = spec.absent {
                let mut defaults = default.split('|');
                assert!(
                    defaults.all(|default| names.contains(&default)),
                    "{}",
                    spec.name
                );
            }
        }
    }

    #[test]
    fn paths_and_prefixes_are_those_of_the_names() {
        for info in CATALOGUE.all() {
            let name = info.path.rsplit('+').next();
            assert_eq!(name, Some(info.name), "{}", info.path);
            for spec in info.params {
                assert!(
                    spec.name.starts_with(info.prefix),
                    "{}: {}",
                    info.path,
                    spec.name
                );
            }
        }
    }

    #[test]
    fn params_of_modules_and_formats_are_none_of_the_main_module() {
        for info in CATALOGUE
            .all()
            .into_iter()
            .filter(|info| info.name != CATALOGUE.main.name)
        {
            for spec in info.params {
                assert!(
                    CATALOGUE
                        .main
                        .params
                        .iter()
                        .all(|main| main.name != spec.name),
                    "{}",
                    spec.name
                );
            }
        }
    }
}

//! The namespaces of a wiki as it is installed.

/// A namespace: its number, its name in English, and other names that lead to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Namespace {
    /// The number: negative for what is no page, even for subjects, odd for talk about them.
    pub id: i64,
    /// Its name in English.
    pub name: &'static str,
    /// Other names that lead to it.
    pub aliases: &'static [&'static str],
    /// Whether its pages have subpages.
    pub has_subpages: bool,
}

/// A namespace whose pages have no subpages.
const fn flat(id: i64, name: &'static str) -> Namespace {
    Namespace {
        id,
        name,
        aliases: &[],
        has_subpages: false,
    }
}

/// A namespace whose pages have subpages.
const fn deep(id: i64, name: &'static str) -> Namespace {
    Namespace {
        has_subpages: true,
        ..flat(id, name)
    }
}

/// A namespace with another name that leads to it: those for files once were for images.
const fn called(namespace: Namespace, aliases: &'static [&'static str]) -> Namespace {
    Namespace {
        aliases,
        ..namespace
    }
}

/// All namespaces, sorted by number (recorded case `params/multi-pipe`).
pub static NAMESPACES: [Namespace; 18] = [
    flat(-2, "Media"),
    flat(-1, "Special"),
    Namespace::MAIN,
    deep(1, "Talk"),
    deep(2, "User"),
    deep(3, "User talk"),
    deep(4, "Project"),
    deep(5, "Project talk"),
    called(flat(6, "File"), &["Image"]),
    called(deep(7, "File talk"), &["Image talk"]),
    deep(8, "MediaWiki"),
    deep(9, "MediaWiki talk"),
    deep(10, "Template"),
    deep(11, "Template talk"),
    deep(12, "Help"),
    deep(13, "Help talk"),
    flat(14, "Category"),
    deep(15, "Category talk"),
];

impl Namespace {
    /// The one for pages about nothing in particular.
    pub const MAIN: Self = flat(0, "");

    /// The namespace with this name, however it is capitalised. That of the project is called by the site's name too.
    pub fn named(name: &str, site_name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let is = |other: &str| !other.is_empty() && other.to_lowercase() == name;
        NAMESPACES.iter().copied().find(|namespace| {
            is(namespace.name)
                || is(&namespace.local_name(site_name))
                || namespace.aliases.iter().any(|alias| is(alias))
        })
    }

    /// The name that titles have in it.
    pub fn local_name(self, site_name: &str) -> String {
        match self.id {
            4 => site_name.replace('_', " "),
            5 => format!("{} talk", site_name.replace('_', " ")),
            _ => self.name.to_owned(),
        }
    }

    /// The namespace of the talk about its pages, or of what its pages talk about; `None` where there is no talk.
    pub fn associated(self) -> Option<Self> {
        let id = match self.id {
            ..0 => return None,
            id if id & 1 == 0 => id.saturating_add(1),
            id => id.saturating_sub(1),
        };
        NAMESPACES
            .iter()
            .copied()
            .find(|namespace| namespace.id == id)
    }
}

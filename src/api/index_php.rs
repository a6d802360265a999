//! What `index.php` is asked for: a page for people, or the special page that runs jobs.
//!
//! Reading of input and titles as of the API. What a signed request may do is not known here.

use super::markup::escape_html;
use super::php_input::{PhpInput, PhpValue};
use super::title::Title;
use super::{Api, ApiRequest, page, text};

/// The title of the page that every wiki begins with.
const MAIN_PAGE: &str = "Main Page";

/// Number of the namespace of special pages.
const SPECIAL: i64 = -1;

/// The special page that runs jobs, in small letters.
const RUN_JOBS: &str = "runjobs";

/// A value of a request's variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// Text, in the form that the wiki brings all text into.
    Text(String),
    /// `name[]=value`
    Array,
}

/// A request to `index.php`, read.
#[derive(Debug)]
pub struct IndexRequest<'r> {
    input: PhpInput<'r>,
    /// The title in the path, which counts more than that in the variables.
    path_title: Option<String>,
}

/// A page for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The HTTP status.
    pub status: u16,
    /// The page in HTML.
    pub html: String,
}

impl IndexRequest<'_> {
    /// The variable with this name.
    pub fn field(&self, name: &str) -> Option<FieldValue> {
        if let (Some(title), "title") = (&self.path_title, name) {
            return Some(FieldValue::Text(title.clone()));
        }
        Some(match self.input.value(name)? {
            PhpValue::Array => FieldValue::Array,
            PhpValue::Scalar(raw) => {
                let in_query = self.input.is_in_query(name);
                FieldValue::Text(text::of_variable(raw, in_query).into_owned())
            }
        })
    }
}

impl Api {
    /// Reads a request to `index.php`; `path_title` is what follows that in the path, undecoded.
    pub fn read_index<'r>(
        &self,
        request: &ApiRequest<'r>,
        path_title: Option<&str>,
    ) -> IndexRequest<'r> {
        let path_title = path_title.filter(|title| !title.is_empty());
        IndexRequest {
            input: PhpInput::read(request, self.options.max_input_vars),
            path_title: path_title.map(|title| {
                let raw = super::php_input::path_decode(title.as_bytes());
                text::of_variable(&raw, true).into_owned()
            }),
        }
    }

    /// Whether the special page that runs jobs is asked for.
    pub fn is_run_jobs(&self, request: &IndexRequest<'_>) -> bool {
        let Some(FieldValue::Text(title)) = request.field("title") else {
            return false;
        };
        let site = &self.options.site.name;
        Title::read(&title, site).is_ok_and(|title| {
            let name = title.text.split('/').next().unwrap_or_default();
            title.namespace.id == SPECIAL && name.to_lowercase() == RUN_JOBS
        })
    }

    /// The page that is asked for. There is one; any other is not found.
    pub fn view(&self, request: &IndexRequest<'_>) -> View {
        let title = match request.field("title") {
            Some(FieldValue::Text(title)) if !title.is_empty() => title,
            Some(_) | None => MAIN_PAGE.to_owned(),
        };
        let site = &self.options.site.name;
        let read = Title::read(&title, site);
        if read.is_ok_and(|title| title.prefixed(site) == MAIN_PAGE) {
            return View {
                status: 200,
                html: page::page(site, &self.main_page()),
            };
        }
        let body = format!(
            "<p>There is no page <q>{}</q>. This server has no articles.</p>\n{}",
            escape_html(&title),
            self.links()
        );
        View {
            status: 404,
            html: page::page("No such page", &body),
        }
    }

    fn main_page(&self) -> String {
        format!(
            "<p>This is no wiki. It is bouncehandlerd, a server that takes the bounces of a wiki's mail: it answers as the \
             wiki's API does, keeps each bounce as a job, and runs the jobs.</p>\n{}",
            self.links()
        )
    }

    fn links(&self) -> String {
        let script = escape_html(&self.options.script_url);
        format!(
            "<p>The API is at <a href=\"{script}\">{script}</a>; \
             <a href=\"{script}?action=help&amp;modules=bouncehandler\">its help tells how bounces are posted</a>.</p>\n"
        )
    }

    /// Why the wiki is read-only, if it is.
    pub fn read_only(&self) -> Option<&str> {
        self.options.read_only.as_deref()
    }
}

//! The wiki that is stood in for, as its settings describe it to clients.

use crate::clock::TimeZone;
use crate::job::JobType;

/// The wiki.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its name (`Sitename`).
    pub name: String,
    /// Beginning of links: scheme, host and port; the scheme may be missing (`Server`).
    pub server: String,
    /// Path of its scripts, without a slash at the end (`ScriptPath`).
    pub script_path: String,
    /// Path of its pages, with `$1` in the place of the title (`ArticlePath`).
    pub article_path: String,
    /// The code of its language (`LanguageCode`).
    pub language: String,
    /// Its time zone (`Localtimezone`).
    pub time_zone: TimeZone,
    /// What kind of database it has (`DBtype`).
    pub database_type: String,
    /// The types of jobs that it knows.
    pub job_types: Vec<JobType>,
}

impl Site {
    /// The path of pages where `ArticlePath` is not set.
    pub fn default_article_path(script_path: &str) -> String {
        format!("{script_path}/index.php/$1")
    }

    /// The server with a scheme: that of plain HTTP if the settings leave it to the reader.
    pub fn full_server(&self) -> String {
        if self.server.starts_with("//") {
            format!("http:{}", self.server)
        } else {
            self.server.clone()
        }
    }

    /// The host of the server.
    pub fn server_name(&self) -> &str {
        let (_, authority) = self.server.split_once("//").unwrap_or_default();
        let authority = authority.split('/').next().unwrap_or_default();
        match authority.find(']') {
            Some(end) => authority.get(..=end).unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        }
    }

    /// The path of a page; its title must be of characters that need no encoding, blanks apart.
    pub fn page_path(&self, title: &str) -> String {
        self.article_path.replace("$1", &title.replace(' ', "_"))
    }

    /// The address of such a page.
    pub fn page_url(&self, title: &str) -> String {
        format!("{}{}", self.full_server(), self.page_path(title))
    }
}

#[cfg(test)]
mod tests {
    use crate::api::tests::support::site;

    #[test]
    fn links_follow_the_settings() {
        // Answers of a MediaWiki 1.39 with these settings.
        let table = [
            (
                "//wiki.example.org:8080",
                "/index.php?title=$1",
                "http://wiki.example.org:8080/index.php?title=Main_Page",
                "wiki.example.org",
            ),
            (
                "https://wiki.example.org",
                "/$1",
                "https://wiki.example.org/Main_Page",
                "wiki.example.org",
            ),
            (
                "http://[::1]:18139",
                "/wiki/$1",
                "http://[::1]:18139/wiki/Main_Page",
                "[::1]",
            ),
        ];
        for (server, article_path, base, name) in table {
            let mut site = site();
            site.server = server.to_owned();
            site.article_path = article_path.to_owned();
            assert_eq!(site.page_url("Main Page"), base);
            assert_eq!(site.server_name(), name);
        }
    }
}

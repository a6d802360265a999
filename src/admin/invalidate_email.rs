//! What BounceHandler's `invalidateEmail.php` does: un-confirms the addresses of listed users.

use super::{Admin, AdminError};
use crate::account;
use crate::log::BOUNCE_HANDLER;
use crate::store::{StoreError, User};
use tokio::sync::mpsc;

/// Whose addresses are to be un-confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidateRequest {
    /// One name a line; a blank line ends the list.
    pub list: Vec<u8>,
    /// Only say what would be done.
    pub dry_run: bool,
}

impl InvalidateRequest {
    /// Reads `dry-run=1`; the list is the body.
    pub fn parse(query: &str, list: &[u8]) -> Result<Self, AdminError> {
        let dry_run = match query {
            "" => false,
            "dry-run=1" => true,
            _ => {
                return Err(AdminError::BadRequest(
                    "The only parameter is dry-run=1; the body has the names, one a line."
                        .to_owned(),
                ));
            }
        };
        let list = list.to_vec();
        Ok(Self { list, dry_run })
    }

    /// The query that [`InvalidateRequest::parse`] reads.
    pub fn to_query(&self) -> &'static str {
        if self.dry_run { "dry-run=1" } else { "" }
    }

    fn names(&self) -> impl Iterator<Item = String> {
        let blank = [' ', '\t', '\n', '\r', '\0', '\u{b}'];
        self.list
            .split(|byte| *byte == b'\n')
            .map(move |line| {
                let line = String::from_utf8_lossy(line);
                line.trim_matches(blank).to_owned()
            })
            .take_while(|name| !name.is_empty())
    }

    /// Does it, and says so in the original's words; each line after what it tells is durable.
    pub(super) async fn carry_out(
        &self,
        admin: &Admin,
        out: &mpsc::Sender<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let (store, wiki) = (&admin.runner.store, &admin.wiki);
        let say = async |text: String| {
            // What is to be done is done, whoever listens.
            drop(out.send(text.into_bytes()).await);
        };
        for name in self.names() {
            say(format!("Invalidate email for: {name}\n")).await;
            let canonical = account::canonical_name(&name);
            let users = store.users(wiki).await?;
            let found = users
                .iter()
                .find(|user| Some(&user.name) == canonical.as_ref());
            match found {
                None => say(format!("ERROR - Unknown user {name}\n")).await,
                Some(_) if self.dry_run => {}
                Some(user) => {
                    if let Some(User { name, email, .. }) = store.unconfirm(wiki, user.id).await? {
                        log::info!(
                            target: BOUNCE_HANDLER, wiki = wiki.as_str();
                            "Un-subscribed {name} <{email}> for exceeding bounce limit 0"
                        );
                    }
                }
            }
        }
        say("done.\n".to_owned()).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_line_ends_the_list() {
        // jobs/golden/invalidate_email.json: spaces, blank-line-stops, zero, no-newline.
        for (list, names) in [
            ("  Bob  \n", vec!["Bob"]),
            ("Bob\n\nCarol\n", vec!["Bob"]),
            ("0\r\nBob", vec!["0", "Bob"]),
            ("", vec![]),
        ] {
            let request = InvalidateRequest::parse("", list.as_bytes()).unwrap();
            assert_eq!(request.names().collect::<Vec<_>>(), names, "{list:?}");
        }
    }
}

//! What the program has promised up to a moment.

use super::trace::{Call, Moment};
use std::collections::{BTreeSet, HashMap};

/// What was promised so far.
#[derive(Debug, Default)]
pub struct Promises {
    /// Mails whose push was acknowledged.
    pub mails: BTreeSet<u64>,
    /// Numbers of jobs of which it was said that they are done.
    pub done: BTreeSet<u64>,
    /// What each socket has said since its last full line.
    pub said: HashMap<String, Vec<u8>>,
}

impl Promises {
    /// Carries on by one moment. What is being said counts as said.
    pub fn pass(&mut self, moment: &Moment) {
        let Moment::Begin(_, Call::Say { socket, bytes }) = moment else {
            return;
        };
        let said = self.said.entry(socket.clone()).or_default();
        said.extend_from_slice(bytes);
        // An acknowledgement has no end of line: it is looked for in what is left, too.
        let text = String::from_utf8_lossy(said).into_owned();
        if let Some(mail) = text
            .ends_with(r#""bouncehandler":{"submitted":"job"}}"#)
            .then(|| between(&text, r#"{"requestid":""#, '"'))
        {
            self.mails.insert(mail.unwrap());
            said.clear();
            return;
        }
        let Some(end) = text.rfind('\n') else { return };
        for line in text[..end].lines() {
            // A line that a chunk ends in the middle of is no promise that can be read here.
            if line.ends_with(" good") {
                self.done.extend(between(line, " (id=", ','));
            }
        }
        *said = text.as_bytes()[end + 1..].to_vec();
    }
}

fn between(text: &str, before: &str, behind: char) -> Option<u64> {
    let (_, rest) = text.rsplit_once(before)?;
    rest.split_once(behind)?.0.parse().ok()
}

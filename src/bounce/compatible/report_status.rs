//! The `Status` field of a delivery report (RFC 3464, section 2.3.4) in a `multipart/report` mail.
//!
//! The extension knows no MIME structure, only lines:
//!
//! 1. Anywhere in the mail, within a line or a line and its successor, stands a `Content-Type` with the attributes
//!    `report-type=delivery-status` and `boundary="..."` in this order and notation.
//! 2. A line of two hyphens and this boundary, anywhere in the mail, opens a part.
//! 3. A part is open until a `Content-Type` other than `message/delivery-status`, beyond all further boundaries if need be.
//!
//! The answer is the first status in a part of the first boundary that has one.

use super::super::lines::lines;
use super::{boundary, split_status};
use std::collections::HashMap;

/// The status of the report in `mail`, if it is a report and has one.
pub(super) fn find(mail: &[u8]) -> Option<&str> {
    let boundaries = boundary::announced_in(mail);
    if boundaries.is_empty() {
        return None;
    }
    let mut numbers = HashMap::new();
    for (number, boundary) in boundaries.iter().enumerate() {
        numbers.entry(*boundary).or_insert(number);
    }
    let mut parts = Parts {
        states: vec![State::Closed; boundaries.len()],
        open: Vec::new(),
    };
    for line in lines(mail) {
        if let Some(number) = line.strip_prefix(b"--").and_then(|name| numbers.get(name)) {
            parts.open(*number);
        } else if let Some(status) = status_field(line) {
            parts.read(status);
        } else if is_other_content_type(line) {
            parts.close();
        }
        if let Some(State::Read(_)) = parts.states.first() {
            break;
        }
    }
    parts.states.iter().find_map(|state| match state {
        State::Read(status) => Some(*status),
        State::Closed | State::Open => None,
    })
}

/// How far the search has come with each boundary, by its number.
struct Parts<'a> {
    states: Vec<State<'a>>,
    /// The numbers of the open ones, so that closing costs no more than opening did.
    open: Vec<usize>,
}

#[derive(Clone, Copy)]
enum State<'a> {
    /// No part of this boundary is open.
    Closed,
    /// The next status belongs to it.
    Open,
    /// It has its status; later parts do not matter.
    Read(&'a str),
}

impl<'a> Parts<'a> {
    fn open(&mut self, number: usize) {
        if let Some(state @ State::Closed) = self.states.get_mut(number) {
            *state = State::Open;
            self.open.push(number);
        }
    }

    fn read(&mut self, status: &'a str) {
        self.leave_open_ones_as(State::Read(status));
    }

    fn close(&mut self) {
        self.leave_open_ones_as(State::Closed);
    }

    fn leave_open_ones_as(&mut self, left: State<'a>) {
        for number in self.open.drain(..) {
            if let Some(state) = self.states.get_mut(number) {
                *state = left;
            }
        }
    }
}

/// `Status: d.d.d` at the start of a line; what follows is not looked at.
fn status_field(line: &[u8]) -> Option<&str> {
    let (status, _) = split_status(line.strip_prefix(b"Status: ")?)?;
    Some(status)
}

/// A `Content-Type` field that ends a part: any value but exactly `message/delivery-status`; no value ends nothing.
fn is_other_content_type(line: &[u8]) -> bool {
    line.strip_prefix(b"Content-Type: ")
        .is_some_and(|value| !value.is_empty() && value != b"message/delivery-status")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELD: &str = "Content-Type: multipart/report; report-type=delivery-status;";
    const REPORT: &str = "Content-Type: message/delivery-status\n\nAction: failed\nStatus: 5.1.1\n";

    fn status_of(mail: &str) -> Option<&str> {
        find(mail.as_bytes())
    }

    /// A mail that announces the boundary `B`, and these lines behind it.
    fn report(lines: &str) -> String {
        format!("{FIELD} boundary=\"B\"\n\n{lines}")
    }

    #[test]
    fn a_boundary_is_any_text() {
        for boundary in ["=_(.*)+[a]\\d/x?", " ", "\"", "é", "--"] {
            let mail = format!("{FIELD} boundary=\"{boundary}\"\n\n--{boundary}\n{REPORT}");
            assert_eq!(status_of(&mail), Some("5.1.1"), "{boundary}");
        }
        let mail = [
            FIELD.as_bytes(),
            b" boundary=\"\0\xff\"\n\n--\0\xff\nStatus: 5.0.0",
        ]
        .concat();
        assert_eq!(find(&mail), Some("5.0.0"));
    }

    #[test]
    fn only_the_whole_line_is_a_delimiter() {
        for delimiter in ["--B ", " --B", "--B--", "-B", "--b", "B", "--BB"] {
            let mail = report(&format!("{delimiter}\nStatus: 5.1.1\n"));
            assert_eq!(status_of(&mail), None, "{delimiter}");
        }
    }

    #[test]
    fn a_status_is_three_numbers_at_the_start_of_a_line() {
        for (line, expected) in [
            ("Status: 5.1.1", Some("5.1.1")),
            ("Status: 4.123.456 (busy)", Some("4.123.456")),
            ("Status: 5.1.1234", Some("5.1.123")),
            ("Status: 9.0.0x", Some("9.0.0")),
            ("Status: 5", None),
            ("Status: 5.1", None),
            ("Status: 55.1.1", None),
            ("Status: 5.1234.1", None),
            ("Status:5.1.1", None),
            ("Status:  5.1.1", None),
            ("status: 5.1.1", None),
            (" Status: 5.1.1", None),
            ("> Status: 5.1.1", None),
            ("X-Status: 5.1.1", None),
        ] {
            let mail = report(&format!("--B\n\n{line}\n"));
            assert_eq!(status_of(&mail), expected, "{line}");
        }
    }

    #[test]
    fn another_content_type_closes_the_part() {
        for (lines, expected) in [
            ("Content-Type: text/plain", None),
            ("Content-Type: message/delivery-status; name=\"x\"", None),
            ("Content-Type: message/delivery-status ", None),
            ("Content-Type: Message/Delivery-Status", None),
            ("Content-Type: message/delivery-status", Some("5.1.1")),
            ("Content-Type:text/plain", Some("5.1.1")),
            ("content-type: text/plain", Some("5.1.1")),
            ("Content-Type: ", Some("5.1.1")),
            (" Content-Type: text/plain", Some("5.1.1")),
            ("Content-Type: text/plain\n--B", Some("5.1.1")),
            ("--B--\n--C\n\n", Some("5.1.1")),
        ] {
            let mail = report(&format!("--B\n{lines}\n\nStatus: 5.1.1\n"));
            assert_eq!(status_of(&mail), expected, "{lines}");
        }
    }

    #[test]
    fn a_status_outside_of_all_parts_is_not_seen() {
        assert_eq!(status_of(&report("Status: 5.1.1\n")), None);
        assert_eq!(status_of("Status: 5.1.1\n"), None);
    }

    #[test]
    fn the_first_status_of_the_first_boundary_that_has_one_wins() {
        assert_eq!(
            status_of(&report("--B\nStatus: x\nStatus: 4.2.2\n\nStatus: 5.1.1\n")),
            Some("4.2.2")
        );
        let two = format!("{FIELD}\n boundary=\"A\"\n\n{FIELD} boundary=\"B\"\n\n");
        let mail = format!("{two}--B\nStatus: 5.0.1\n--A\nStatus: 5.0.2\n");
        assert_eq!(status_of(&mail), Some("5.0.2"));
        let mail = format!("{two}--B\nStatus: 5.0.1\n--B\nStatus: 5.0.2\n--A\nStatus: x\n");
        assert_eq!(status_of(&mail), Some("5.0.1"));
        let mail = format!("{two}--A\n--B\nContent-Type: x/y\n--B\n--A\nStatus: 5.0.1\n");
        assert_eq!(status_of(&mail), Some("5.0.1"));
    }

    #[test]
    fn parts_may_stand_before_the_announcement() {
        let mail = format!("--B\n{REPORT}\n{FIELD} boundary=\"B\"\n");
        assert_eq!(status_of(&mail), Some("5.1.1"));
    }
}

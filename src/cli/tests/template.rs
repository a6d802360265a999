//! Output with placeholders for what changes from run to run, as the recordings have it.

use regex::Regex;

/// What stands for what, in the order in which it is put in.
const PLACEHOLDERS: [(&str, &str); 8] = [
    (r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", "{LOGTIME} "),
    (r"\(id=\d+,timestamp=\d{14}\)", "(id={ID},timestamp={TS})"),
    (r"requestId=[0-9a-f]{24}\b", "requestId={REQID}"),
    (r" t=\d+ (good|error=)", " t={MS} $1"),
    (r#"("(?:time|elapsed)": ?)\d+"#, "${1}{MS}"),
    (r#"("\w+": ?)\d{9,}(?:\.\d+)?"#, "${1}{UNIX_FLOAT}"),
    (r"\b((?:time: ))(?:2\d{13})", "${1}{TS}"),
    (r"\((\d+)/(\d+)\)\.", "({USED}/{USED})."),
];

/// The text with placeholders.
pub fn of(text: &str) -> String {
    PLACEHOLDERS
        .iter()
        .fold(text.to_owned(), |text, (pattern, placeholder)| {
            Regex::new(pattern)
                .unwrap()
                .replace_all(&text, *placeholder)
                .into_owned()
        })
}

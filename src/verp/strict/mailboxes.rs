//! The addresses in the value of a header field.

/// The longest address that is looked at: the longest line of a mail (RFC 5322 section 2.1.1).
pub(super) const LONGEST: usize = 998;

/// The addresses of an address list (RFC 5322 section 3.4, with the obsolete forms of section 4.4), without names, comments
/// and quotes. White space within an address stays, since some of it may have been plus signs. What is broken is read as far as
/// it goes.
pub(super) fn mailboxes(value: &[u8]) -> Mailboxes<'_> {
    Mailboxes {
        rest: value,
        text: Vec::new(),
        is_in_literal: false,
    }
}

/// Everything with an `@` between white space and signs that no address has, for values that follow no standard.
pub(super) fn words(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let separates = |byte: &u8| {
        byte.is_ascii_whitespace()
            || byte.is_ascii_control()
            || matches!(
                byte,
                b'<' | b'>'
                    | b'('
                    | b')'
                    | b'['
                    | b']'
                    | b','
                    | b';'
                    | b':'
                    | b'"'
                    | b'\''
                    | b'`'
                    | b'?'
                    | b'\\'
            )
    };
    value
        .split(separates)
        .filter(|word| is_address(word) && word.len() <= LONGEST)
}

fn is_address(text: &[u8]) -> bool {
    memchr::memchr(b'@', text).is_some()
}

/// The iterator of [`mailboxes`].
pub(super) struct Mailboxes<'a> {
    rest: &'a [u8],
    /// What may become an address; one byte more than the longest tells that it is too long.
    text: Vec<u8>,
    /// Whether `[` of a domain literal is open, in which a colon is one.
    is_in_literal: bool,
}

impl Iterator for Mailboxes<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        while let Some(byte) = self.take() {
            match byte {
                b'(' => self.skip_comment(),
                b'"' => self.copy_quoted(),
                b'\\' => {
                    if let Some(quoted) = self.take() {
                        self.push(quoted);
                    }
                }
                // What came before is a name, the name of a group, or a route.
                b'<' => self.clear(),
                b':' if !self.is_in_literal => self.clear(),
                b',' if self.is_in_route() => self.push(byte),
                b',' | b';' | b'>' => {
                    if let Some(address) = self.finish() {
                        return Some(address);
                    }
                }
                _ => {
                    self.is_in_literal = (self.is_in_literal || byte == b'[') && byte != b']';
                    self.push(byte);
                }
            }
        }
        self.finish()
    }
}

impl Mailboxes<'_> {
    fn take(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn push(&mut self, byte: u8) {
        if self.text.len() <= LONGEST {
            self.text.push(byte);
        }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.is_in_literal = false;
    }

    /// In `@a,@b:` of `<@a,@b:local@domain>`.
    fn is_in_route(&self) -> bool {
        self.text.trim_ascii_start().starts_with(b"@")
    }

    /// Hands the text out, if it is an address.
    fn finish(&mut self) -> Option<Vec<u8>> {
        let text = self.text.trim_ascii();
        let found = (is_address(text) && self.text.len() <= LONGEST).then(|| text.to_vec());
        self.clear();
        found
    }

    /// Comments may hold others.
    fn skip_comment(&mut self) {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.take() {
                Some(b'\\') => {
                    self.take();
                }
                Some(b'(') => depth = depth.saturating_add(1),
                Some(b')') => depth = depth.saturating_sub(1),
                Some(_) => {}
                None => return,
            }
        }
    }

    fn copy_quoted(&mut self) {
        while let Some(byte) = self.take() {
            match byte {
                b'"' => return,
                b'\\' => {
                    if let Some(quoted) = self.take() {
                        self.push(quoted);
                    }
                }
                _ => self.push(byte),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(value: &str) -> Vec<String> {
        mailboxes(value.as_bytes())
            .map(|address| String::from_utf8(address).unwrap())
            .collect()
    }

    #[test]
    fn the_examples_of_rfc_5322_are_read() {
        // RFC 5322 appendix A.1.1 to A.1.3, A.5 and A.6.1 to A.6.3.
        for (value, addresses) in [
            ("Mary Smith <mary@example.net>", &["mary@example.net"][..]),
            (
                "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
                &["mary@x.test", "jdoe@example.org", "one@y.test"],
            ),
            (
                r#"<boss@nil.test>, "Giant; \"Big\" Box" <sysservices@example.net>"#,
                &["boss@nil.test", "sysservices@example.net"],
            ),
            (
                "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
                &["c@a.test", "joe@where.test", "jdoe@one.test"],
            ),
            ("Undisclosed recipients:;", &[]),
            (
                r"Pete(A nice \) chap) <pete(his account)@silly.test(his host)>",
                &["pete@silly.test"],
            ),
            (
                "A Group(Some people)\t    :Chris Jones <c@(Chris's host.)public.example>,\t joe@example.org,\tJohn <jdoe@one.test> (my dear friend); (the end of the group)",
                &["c@public.example", "joe@example.org", "jdoe@one.test"],
            ),
            (
                r#""Joe Q. Public" <john.q.public@example.com>"#,
                &["john.q.public@example.com"],
            ),
            (
                "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
                &["mary@example.net", "jdoe@test  . example"],
            ),
        ] {
            assert_eq!(found(value), addresses, "{value}");
        }
    }

    #[test]
    fn routes_quotes_comments_and_literals_do_not_hide_an_address() {
        for (value, addresses) in [
            ("<@a.test,@b.test:u@c.test>", &["u@c.test"][..]),
            (r#""u"@c.test"#, &["u@c.test"]),
            (r#""u\"v w"@c.test"#, &[r#"u"v w@c.test"#]),
            (r#""x, <y@z.test>, (" <u@c.test>"#, &["u@c.test"]),
            ("(a (b) <c@d.test> (e))u@c.test", &["u@c.test"]),
            (r"(a \( b)u@c.test", &["u@c.test"]),
            (
                "u@[IPv6:2001:db8::1], v@c.test",
                &["u@[IPv6:2001:db8::1]", "v@c.test"],
            ),
            ("mailto:u@c.test", &["u@c.test"]),
            ("<u@c.test> <v@c.test>", &["u@c.test", "v@c.test"]),
            ("<u@c.test", &["u@c.test"]),
            ("u@c.test>", &["u@c.test"]),
            ("u v@c.test", &["u v@c.test"]),
            ("", &[]),
            ("nobody", &[]),
        ] {
            assert_eq!(found(value), addresses, "{value}");
        }
    }

    #[test]
    fn an_address_that_is_too_long_is_left_out_and_the_next_one_read() {
        let long = "x".repeat(LONGEST);
        assert_eq!(found(&format!("<{long}@a.test>, u@c.test")), ["u@c.test"]);
        let fits = format!("{}@a", "x".repeat(LONGEST - 2));
        assert_eq!(found(&fits), [fits]);
    }

    #[test]
    fn words_are_found_in_what_follows_no_standard() {
        let words = |value| -> Vec<_> {
            words(value)
                .map(|word: &[u8]| str::from_utf8(word).unwrap())
                .collect()
        };
        assert_eq!(words(b"=?UTF-8?Q?u@c.test?="), ["u@c.test"]);
        assert_eq!(words(b"'u@c.test' (v@c.test"), ["u@c.test", "v@c.test"]);
        assert_eq!(words(b"\"open <u@c.test>"), ["u@c.test"]);
        assert_eq!(words(b"a b c"), [""; 0]);
    }
}

use super::*;

fn text(text: &str) -> MessageParam {
    MessageParam::Text(text.to_owned())
}

impl MessageText {
    /// What it may say, with its params left out.
    pub(in crate::api) fn forms(&self) -> impl Iterator<Item = &'static str> {
        [self.english].into_iter().chain(self.english_plural)
    }
}

#[test]
fn params_are_put_in_once() {
    let plain = |text: &str| MessageParam::Plaintext(text.to_owned());
    let message = Message::new(&BAD_VALUE, [plain("$2"), plain("$1 <b>")]);
    let english = |form| message.render(&Language::English, form);
    assert_eq!(
        english(TextForm::Wikitext),
        "Unrecognized value for parameter \"$2\": $1 <b>."
    );
    assert_eq!(
        english(TextForm::Html),
        "Unrecognized value for parameter \"$2\": $1 &lt;b&gt;."
    );
}

#[test]
fn a_dollar_sign_without_a_param_is_a_dollar_sign() {
    let debug = Message::new(&DEBUG_API, []);
    let debug = debug.render(&Language::English, TextForm::Wikitext);
    assert!(
        debug.ends_with("<var>$wgDebugAPI</var> is enabled."),
        "{debug}"
    );
    let missing = Message::new(&MISSING_PARAM, []);
    let missing = missing.render(&Language::English, TextForm::Wikitext);
    assert_eq!(missing, "The \"$1\" parameter must be set.");
}

#[test]
fn the_plural_is_taken_for_more_than_one() {
    let names = |names: &[&str]| {
        let list = names.iter().map(|name| (*name).to_owned()).collect();
        let params = [
            MessageParam::CommaList(list),
            MessageParam::count(names.len()),
        ];
        Message::new(&UNRECOGNIZED_PARAMS, params)
    };
    let english = |message: &Message| message.render(&Language::English, TextForm::Wikitext);
    // Recorded cases core/unknown-param, core/unknown-params-2, errors/qqx-warn-wikitext.
    assert_eq!(english(&names(&["foo"])), "Unrecognized parameter: foo.");
    assert_eq!(
        english(&names(&["foo", "bar"])),
        "Unrecognized parameters: foo, bar."
    );
    assert_eq!(
        names(&["foo", "bar"]).render(&Language::Qqx, TextForm::Html),
        "(apierror-unrecognizedparams: foo(comma-separator)bar, 2)"
    );
}

#[test]
fn qqx_shows_keys_and_params() {
    // Recorded cases errors/qqx-put and errors/qqx-bad-format-version.
    let invalid = Message::new(&INVALID_METHOD, []);
    assert_eq!(
        invalid.render(&Language::Qqx, TextForm::Wikitext),
        "(apierror-invalidmethod)"
    );
    let allowed = MessageParam::TextList(vec!["1", "2", "latest"]);
    let params = [
        text("formatversion"),
        text("9"),
        allowed,
        MessageParam::MarkedNumber(3),
    ];
    assert_eq!(
        Message::new(&BAD_VALUE, params).render(&Language::Qqx, TextForm::Wikitext),
        "(paramvalidator-badvalue-enumnotmulti: formatversion, 9, \
         1(comma-separator)2(and)(word-separator)latest, 3)"
    );
}

#[test]
fn lists_of_texts_end_in_and() {
    let table: [(&[&str], &str); 4] = [
        (&[], ""),
        (&["a"], "a"),
        (&["a", "b"], "a and b"),
        (&["a", "b", "c"], "a, b and c"),
    ];
    for (names, expected) in table {
        let list = MessageParam::TextList(names.to_vec());
        assert_eq!(list.show(&Language::English, TextForm::Wikitext), expected);
    }
}

#[test]
fn large_numbers_are_written_in_thousands() {
    // As a MediaWiki 1.39 says up to how many entries a bot may ask for.
    for (number, shown) in [(999, "999"), (5_000, "5,000"), (1_234_567, "1,234,567")] {
        let message = Message::new(&ONLY_TEXT, [MessageParam::MarkedNumber(number)]);
        assert_eq!(
            message.render(&Language::English, TextForm::Wikitext),
            shown
        );
    }
}

#[test]
fn a_text_that_is_only_its_param_is_shown_in_qqx() {
    // A MediaWiki 1.39 shows the account of a request so, whatever uselang says.
    let message = Message::new(&ONLY_TEXT, [MessageParam::text("Bob")]);
    assert_eq!(message.render(&Language::Qqx, TextForm::Wikitext), "Bob");
}

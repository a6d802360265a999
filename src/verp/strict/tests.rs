//! Each form of an address is taken, and a forged one in none.

use super::*;
use proptest::prelude::*;

/// 2026-11-23T21:33:23Z, the day of the recordings.
const NOW: i64 = 1_795_469_603;
const CENTURY: i64 = 3_153_600_000;

/// Local part of a return path of user 3 (recorded case `verp/bob`), and one with a slash in its hash (`verp/uid-leading-zero`).
const BOB: &str = "wiki-testwiki-3-t85s00-FRP+zkpsmpTTFqZp";
const SLASH: &str = "wiki-testwiki-0003-t85s00-8volp7qT/4n5mcyz";

fn keys() -> VerpKeys {
    VerpKeys::new("md5", b"MediawikiVERP", CENTURY).unwrap()
}

fn known() -> KnownReturnPaths {
    KnownReturnPaths::new("wiki", ["testwiki", "otherwiki"])
}

fn find_in(value: &str) -> Result<StrictVerp, Option<VerpRejection>> {
    find([value], NOW, &keys(), &known())
}

/// The form in which Bob's address is found in a value.
fn form_of(value: &str) -> AddressForm {
    let found = find_in(value).unwrap_or_else(|rejection| panic!("{value}: {rejection:?}"));
    assert_eq!(found.parts.wiki, b"testwiki", "{value}");
    assert_eq!(found.parts.prefix, b"wiki", "{value}");
    assert_eq!(found.parts.user.as_u64(), Some(3), "{value}");
    // t85s00 in base 36: 2026-01-01T00:00:00Z.
    assert_eq!(found.parts.time.as_i64(), Some(1_767_225_600), "{value}");
    found.form
}

fn form(place: Place) -> AddressForm {
    AddressForm {
        place,
        rewriting: None,
        spaces: Spaces::Kept,
        is_case_folded: false,
    }
}

fn rewritten(rewriting: Rewriting) -> AddressForm {
    AddressForm {
        rewriting: Some(rewriting),
        ..form(Place::Alone)
    }
}

fn spaced(spaces: Spaces) -> AddressForm {
    AddressForm {
        spaces,
        ..form(Place::Alone)
    }
}

fn folded() -> AddressForm {
    AddressForm {
        is_case_folded: true,
        ..form(Place::Alone)
    }
}

/// All forms: how a value is made of a local part, and what it is recognised as.
#[expect(
    clippy::type_complexity,
    clippy::too_many_lines,
    reason = "a table of this test alone"
)]
fn forms() -> Vec<(fn(&str) -> String, AddressForm)> {
    vec![
        (
            |local| format!("{local}@wiki.example.org"),
            form(Place::Alone),
        ),
        (
            |local| format!("<{local}@wiki.example.org>"),
            form(Place::Mailbox),
        ),
        (
            |local| format!("\"Wiki, <x@y> (z\" <{local}@wiki.example.org>"),
            form(Place::Mailbox),
        ),
        (
            |local| format!("(a (nested) comment) {local}@wiki.example.org (x)"),
            form(Place::Mailbox),
        ),
        (
            |local| format!("bob@example.com, Wiki <{local}@wiki.example.org>"),
            form(Place::Mailbox),
        ),
        (
            |local| format!("Bounces: {local}@wiki.example.org, x@y;"),
            form(Place::Mailbox),
        ),
        (
            |local| format!("<@a.example,@b.example:{local}@wiki.example.org>"),
            form(Place::Mailbox),
        ),
        (
            |local| format!("\"{local}\"@wiki.example.org"),
            form(Place::Mailbox),
        ),
        (
            |local| format!("=?UTF-8?Q?{local}@wiki.example.org?="),
            form(Place::Text),
        ),
        (
            |local| format!("for {local}@wiki.example.org (open"),
            form(Place::Text),
        ),
        (
            |local| local.replace('+', " ") + "@wiki.example.org",
            spaced(Spaces::WerePluses),
        ),
        (
            |local| local.replacen('-', "-\t ", 4) + "@wiki.example.org",
            spaced(Spaces::CameIn),
        ),
        (|local| local.to_lowercase() + "@wiki.example.org", folded()),
        (|local| local.to_uppercase() + "@WIKI.EXAMPLE.ORG", folded()),
        (
            |local| format!("SRS0=Tn4Z=OD=wiki.example.org={local}@forwarder.example"),
            rewritten(Rewriting::Srs0),
        ),
        (
            |local| format!("SRS0+Tn4Z=OD=wiki.example.org={local}@forwarder.example"),
            rewritten(Rewriting::Srs0),
        ),
        (
            |local| format!("SRS0-Tn4Z=OD=wiki.example.org={local}@forwarder.example"),
            rewritten(Rewriting::Srs0),
        ),
        (
            |local| {
                format!(
                    "SRS1=hN+/=forwarder.example==Tn4Z=OD=wiki.example.org={local}@second.example"
                )
            },
            rewritten(Rewriting::Srs1),
        ),
        (
            |local| format!("prvs=7123ABCDEF={local}@wiki.example.org"),
            rewritten(Rewriting::Prvs),
        ),
        (
            |local| format!("prvs={local}/7123ABCDEF@wiki.example.org"),
            rewritten(Rewriting::Prvs),
        ),
        (
            |local| format!("btv1==46723bbf7df=={local}@wiki.example.org"),
            rewritten(Rewriting::Btv1),
        ),
        (
            |local| format!("{local}=wiki.example.org@relay.example"),
            rewritten(Rewriting::DomainWithEquals),
        ),
        (
            |local| format!("{local}%wiki.example.org@relay.example"),
            rewritten(Rewriting::DomainWithPercent),
        ),
        (
            |local| format!("wiki.example.org!{local}@relay.example"),
            rewritten(Rewriting::DomainWithBang),
        ),
        (
            |local| local.replace('+', "%2B") + "@wiki.example.org",
            rewritten(Rewriting::Encoded),
        ),
    ]
}

#[test]
fn each_form_is_taken_and_told() {
    for (write, expected) in forms() {
        let value = write(BOB);
        assert_eq!(form_of(&value), expected, "{value}");
        // The same with another address, whose hash has a slash and no plus sign.
        let found = find_in(&write(SLASH)).unwrap();
        assert_eq!(found.parts.user.as_u64(), Some(3), "{value}");
    }
}

#[test]
fn an_address_that_is_changed_in_one_bit_is_refused_in_each_form() {
    for (write, form) in forms() {
        for place in 0..BOB.len() {
            for bit in 0..7 {
                let mut forged = BOB.as_bytes().to_vec();
                forged[place] ^= 1 << bit;
                let forged = String::from_utf8(forged).unwrap();
                if form.is_case_folded && forged.eq_ignore_ascii_case(BOB) {
                    continue;
                }
                let value = write(&forged);
                assert!(find_in(&value).is_err(), "{value:?}");
            }
        }
    }
}

#[test]
fn a_hash_that_is_cut_short_or_grows_is_refused_in_each_form() {
    for (write, _) in forms() {
        for forged in [&BOB[..BOB.len() - 1], &format!("{BOB}A"), &BOB[..23]] {
            let value = write(forged);
            assert!(find_in(&value).is_err(), "{value:?}");
        }
    }
}

#[test]
fn an_address_is_taken_as_it_was_made_before_anything_is_undone() {
    let found = find_in(&format!("{BOB}@wiki.example.org")).unwrap();
    assert!(found.form.is_as_made());
    assert_eq!((found.form.proof_bits(), found.field), (96, 0));
    assert_eq!(
        found.address,
        format!("{BOB}@wiki.example.org").into_bytes()
    );
    // Recorded case `verp/display-name-signed`: the hash is made over the name and the bracket, too.
    let odd = "\"Wiki\" <wiki-testwiki-3-t85s00-lEfypdSTkrCBOcQh@wiki.example.org";
    assert!(find_in(odd).unwrap().form.is_as_made());
}

#[test]
fn all_that_the_extension_takes_is_taken() {
    // Recorded cases six-segments-empty, domain-empty, two-ats, trailing-space, prefix-other, uid-plus, uid-space, ts-nonalnum.
    for value in [
        "wiki-testwiki-3-t85s00-FRP+zkpsmpTTFqZp-@wiki.example.org",
        "wiki-testwiki-3-t85s00-FRP+zkpsmpTTFqZp@",
        "wiki-testwiki-3-t85s00-FRP+zkpsmpTTFqZp@a@b",
        "wiki-testwiki-3-t85s00-FRP+zkpsmpTTFqZp@wiki.example.org   ",
        "bounce-testwiki-3-t85s00-/HtaKX6alEHQZHOu@wiki.example.org",
        "wiki-testwiki-+3-t85s00-iE7ghNgQkbUfSz6z@wiki.example.org",
        "wiki-testwiki-3 -t85s00-hYRQILY0mcumaTXb@wiki.example.org",
        "wiki-testwiki-3-!!t85s00-27phsCysmeZznkzy@wiki.example.org",
    ] {
        let found = find_in(value).unwrap();
        assert_eq!(
            Ok(found.parts),
            crate::verp::verify(value.as_bytes(), NOW, &keys()),
            "{value}"
        );
        assert!(found.form.is_as_made(), "{value}");
    }
}

#[test]
fn sendmail_and_nullmailer_put_the_address_in_angle_brackets() {
    // mta-bounces/sendmail/unknown-user.eml and nullmailer/unknown-user.eml, made with another secret.
    let keys = VerpKeys::new("md5", b"fixture-secret", CENTURY).unwrap();
    for (to, user) in [
        (
            "<wiki-examplewiki-b4-toz6dc-+iyYq6bSE7w1Qdt0@wiki.example.org>",
            400,
        ),
        (
            "<wiki-examplewiki-jg-toz6ip-oyb6LagUVJWUH0xK@wiki.example.org>",
            700,
        ),
    ] {
        let found = find([to], NOW, &keys, &known()).unwrap();
        assert_eq!(found.form, form(Place::Mailbox), "{to}");
        assert_eq!(found.parts.user.as_u64(), Some(user), "{to}");
        assert_eq!(found.parts.wiki, b"examplewiki");
    }
}

#[test]
fn forms_may_meet_in_one_address() {
    // Forwarded twice, posted without being encoded, in brackets, by a server that folds case.
    let value = "Bounce <SRS1 HN==FORWARDER.EXAMPLE==TN4Z=OD=WIKI.EXAMPLE.ORG=PRVS=7123ABCDEF=\
                 WIKI-TESTWIKI-3-T85S00-FRP ZKPSMPTTFQZP@second.example>";
    assert!(
        find_in(value).is_err(),
        "the hash of SRS1 is empty and its forwarder `=FORWARDER...`"
    );
    let value = value.replace("HN==", "HN=");
    let expected = AddressForm {
        place: Place::Mailbox,
        rewriting: Some(Rewriting::Srs1),
        spaces: Spaces::WerePluses,
        is_case_folded: true,
    };
    assert_eq!(form_of(&value), expected);
    assert_eq!(
        expected.to_string(),
        "mailbox, SRS1, space for +, letters of one case"
    );
    assert_eq!(expected.proof_bits(), 80);
    assert!(!expected.is_as_made());
}

#[test]
fn an_address_in_one_case_gets_the_letters_of_the_known_prefix_and_wikis_back() {
    let parts = |known: &KnownReturnPaths, value: &str| {
        let found = find([value], NOW, &keys(), known).ok()?;
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Some((text(found.parts.prefix), text(found.parts.wiki)))
    };
    let pair = |prefix: &str, wiki: &str| Some((prefix.to_owned(), wiki.to_owned()));
    // Recorded cases `verp/wiki-upper` and `verp/wiki-dot`, lower-cased.
    let upper = "wiki-testwiki-3-t85s00-pb5bcd/fbv5diadi@x";
    assert_eq!(parts(&known(), upper), None);
    let both = KnownReturnPaths::new("WIKI", ["testwiki", "TestWiki"]);
    assert_eq!(parts(&both, upper), None, "WIKI is not what was signed");
    let both = KnownReturnPaths::new("wiki", ["testwiki", "TestWiki", "TESTwiki"]);
    assert_eq!(parts(&both, upper), pair("wiki", "TestWiki"));
    let dotted = KnownReturnPaths::new("wiki", ["testwiki-x_"]);
    let dot = "WIKI-TESTWIKI.X_-3-T85S00-HHP5S0AERR7GWIFM@X";
    assert_eq!(parts(&dotted, dot), pair("wiki", "testwiki-x_"));
    // `verp/prefix-other`: a prefix that is not the configured one was in lower case, or stays refused.
    let other = "BOUNCE-TESTWIKI-3-T85S00-/HTAKX6ALEHQZHOU@x";
    assert_eq!(parts(&known(), other), pair("bounce", "testwiki"));
}

#[test]
fn a_wiki_that_is_not_known_is_not_guessed() {
    // Recorded case `verp/wiki-unknown`, lower-cased, and as it was made.
    assert!(find_in("wiki-nowiki-3-t85s00-jrapqisvhsomuicw@x").is_err());
    assert!(find_in("<wiki-nowiki-3-t85s00-jRAPqisvhsomuiCw@x>").is_ok());
}

#[test]
fn letters_of_both_cases_have_to_be_the_right_ones() {
    // One letter of the hash, of the prefix, or all of the hash in the other case.
    for forged in [
        "wiki-testwiki-3-t85s00-fRP+zkpsmpTTFqZp@x",
        "Wiki-testwiki-3-t85s00-frp+zkpsmpttfqzp@x",
        "wiki-testwiki-3-t85s00-FRP+ZKPSMPTTFQZP@x",
        "WIKI-TESTWIKI-3-T85S00-frp+zkpsmpttfqzp@x",
    ] {
        assert!(find_in(forged).is_err(), "{forged}");
    }
}

#[test]
fn values_are_searched_in_their_order() {
    let alice = "wiki-testwiki-2gosa7pa2gx-t85s00-GhK2ZQhdCg8KbESq@wiki.example.org";
    let bob = format!("{BOB}@wiki.example.org");
    let search = |values: &[&str]| find(values, NOW, &keys(), &known()).unwrap();
    let found = search(&["postmaster@example.org", "", &bob, alice]);
    assert_eq!((found.field, found.parts.user.as_u64()), (2, Some(3)));
    let found = search(&[alice, &bob]);
    assert_eq!(
        (found.field, found.parts.user.as_u64()),
        (0, Some(9_007_199_254_740_993))
    );
}

#[test]
fn the_rejection_that_says_most_is_the_one_that_is_told() {
    let short = VerpKeys::new("md5", b"MediawikiVERP", 1000).unwrap();
    let rejection = |values: &[&str]| find(values, NOW, &short, &known()).unwrap_err();
    assert_eq!(rejection(&[]), None);
    assert_eq!(rejection(&[""]), None);
    let forged = "wiki-testwiki-3-t85s00-AAAAAAAAAAAAAAAA@x";
    let old = format!("<{BOB}@x>");
    assert!(matches!(
        rejection(&["nobody"]),
        Some(VerpRejection::NoAtSign { .. })
    ));
    assert!(matches!(
        rejection(&["nobody", "a@b"]),
        Some(VerpRejection::Malformed { .. })
    ));
    let mismatch = rejection(&["a-b-c-d-e@f", forged, "nobody"]);
    assert!(
        matches!(mismatch, Some(VerpRejection::HashMismatch { hash, .. }) if hash == "AAAAAAAAAAAAAAAA")
    );
    assert!(matches!(
        rejection(&[&old, forged]),
        Some(VerpRejection::Expired { .. })
    ));
}

#[test]
fn an_old_address_is_refused_in_each_form() {
    let short = VerpKeys::new("md5", b"MediawikiVERP", 1000).unwrap();
    for (write, _) in forms() {
        let value = write(BOB);
        let rejection = find([&value], NOW, &short, &known()).unwrap_err();
        assert!(
            matches!(rejection, Some(VerpRejection::Expired { .. })),
            "{value}"
        );
    }
}

#[test]
fn a_header_full_of_addresses_that_look_right_gets_no_more_work_than_is_allowed() {
    let forged = |count: usize| "wiki-testwiki-3-t85s00-AAaAAAAAAAAAAAAA@x, ".repeat(count);
    // Of each, the list gives one address and the words another.
    assert!(find_in(&format!("{}{BOB}@x", forged(20))).is_ok());
    assert!(find_in(&format!("{}{BOB}@x", forged(100_000))).is_err());
    assert!(find([forged(100), format!("{BOB}@x")], NOW, &keys(), &known()).is_err());
    // What does not look right costs no hash, however much there is of it.
    let others = "Somebody <a-b-c-d-e@example.org>, ".repeat(10_000);
    assert!(find_in(&format!("{others}{BOB}@x")).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_made_is_found_in_each_form(
        wiki in prop_oneof![Just("testwiki"), Just("otherwiki")],
        user in 0..=i64::MAX.unsigned_abs(),
        time in 0..=NOW,
        secret in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let keys = VerpKeys::new("sha256", &secret, CENTURY).unwrap();
        let made = crate::verp::encode("wiki", wiki, user, time, "", &keys);
        for (write, _) in forms() {
            let value = write(made.trim_end_matches('@'));
            let found = find([&value], NOW, &keys, &known());
            prop_assert!(found.is_ok(), "{value}: {found:?}");
            let parts = found.unwrap().parts;
            prop_assert_eq!(parts.wiki, wiki.as_bytes());
            prop_assert_eq!(parts.user.as_u64(), Some(user));
            prop_assert_eq!(parts.time.as_i64(), Some(time));
        }
    }

    #[test]
    fn no_change_of_a_hash_or_of_what_it_signs_passes(place in 0..BOB.len(), new in any::<char>(), which in 0..25_usize) {
        let old = BOB.as_bytes()[place];
        let (write, form) = forms()[which];
        let is_same = new == char::from(old)
            || (form.is_case_folded && new.to_lowercase().eq(char::from(old).to_lowercase()))
            || (form.is_case_folded && new.to_uppercase().eq(char::from(old).to_uppercase()))
            || (old == b'+' && new.is_ascii_whitespace());
        prop_assume!(!is_same);
        let forged = format!("{}{new}{}", &BOB[..place], &BOB[place..][1..]);
        prop_assert!(find_in(&write(&forged)).is_err(), "{}", forged);
    }

    #[test]
    fn no_other_secret_passes(secret in proptest::collection::vec(any::<u8>(), 0..40)) {
        prop_assume!(secret != b"MediawikiVERP");
        let other = VerpKeys::new("md5", &secret, CENTURY).unwrap();
        for (write, _) in forms() {
            prop_assert!(find([write(BOB)], NOW, &other, &known()).is_err());
        }
    }

    #[test]
    fn no_text_makes_it_panic_or_pass(value in "[-a-zA-Z0-9@<>(),;:\"\\\\=+%! \t!SRS01prvsbt]{0,200}") {
        prop_assert!(find_in(&value).is_err());
    }

    #[test]
    fn whatever_is_put_around_an_address_it_says_what_was_signed(before in "\\PC{0,12}", after in "\\PC{0,12}") {
        if let Ok(found) = find_in(&format!("{before}{BOB}{after}@x")) {
            prop_assert_eq!(found.parts.user.as_u64(), Some(3));
            prop_assert_eq!(found.parts.wiki, b"testwiki");
        }
    }
}

//! Addresses as PHP makes them, and properties of all addresses.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

/// 2026-11-23T21:33:23Z.
const NOW: i64 = 1_795_469_603;
const CENTURY: i64 = 3_153_600_000;

fn keys(accept_time: i64) -> VerpKeys {
    VerpKeys::new("md5", b"MediawikiVERP", accept_time).unwrap()
}

/// An address over the given four parts, whatever they are.
fn signed_address(signed: &[u8], keys: &VerpKeys) -> Vec<u8> {
    [
        signed,
        b"-",
        keys.hash_of(signed).as_bytes(),
        b"@wiki.example.org",
    ]
    .concat()
}

#[test]
fn addresses_are_made_as_php_makes_them_and_proved() {
    let fixture: Value =
        serde_json::from_str(include_str!("../../fixtures/verp/addresses.json")).unwrap();
    let rows = fixture["rows"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let text = |field: &str| row[field].as_str().unwrap();
        let keys = VerpKeys::new(text("algorithm"), text("secret").as_bytes(), i64::MAX).unwrap();
        let (user, time) = (row["user"].as_u64().unwrap(), row["time"].as_i64().unwrap());
        let address = encode(
            text("prefix"),
            text("wiki"),
            user,
            time,
            text("domain"),
            &keys,
        );
        assert_eq!(address, text("address"));
        let parts = verify(address.as_bytes(), NOW, &keys).unwrap();
        assert_eq!(parts.prefix, text("prefix").as_bytes());
        assert_eq!(parts.wiki, text("wiki").as_bytes());
        assert_eq!(parts.user.as_u64(), Some(user));
        assert_eq!(parts.time.as_i64(), i64::try_from(time.unsigned_abs()).ok());
    }
}

#[test]
fn an_address_is_accepted_until_its_last_second() {
    let keys = keys(259_200);
    let address = encode(
        "wiki",
        "testwiki",
        3,
        1_780_272_000,
        "wiki.example.org",
        &keys,
    );
    assert!(verify(address.as_bytes(), 1_780_272_000 + 259_199, &keys).is_ok());
    let rejection = verify(address.as_bytes(), 1_780_272_000 + 259_200, &keys).unwrap_err();
    assert!(
        matches!(&rejection, VerpRejection::Expired { time, accept_time: 259_200, .. }
        if time.as_i64() == Some(1_780_272_000))
    );
    assert_eq!(
        rejection.log_line().unwrap(),
        "Error: Hash validation failed. Expected hash of wiki-testwiki-3-tfxeo0, got gpHVEsUqK3/AXGXN."
    );
}

#[test]
fn an_old_address_with_a_wrong_hash_is_not_called_old() {
    let rejection = verify(b"wiki-testwiki-3-0-AAAAAAAAAAAAAAAA@x", NOW, &keys(1)).unwrap_err();
    assert!(
        matches!(rejection, VerpRejection::HashMismatch { .. }),
        "{rejection:?}"
    );
}

#[test]
fn times_in_the_future_are_accepted_however_large() {
    let keys = keys(1);
    for time in ["tozzzz", "1y2p0ij32e8e7", "1y2p0ij32e8e8", &"z".repeat(100)] {
        let address = signed_address(format!("wiki-testwiki-3-{time}").as_bytes(), &keys);
        assert!(verify(&address, NOW, &keys).is_ok(), "{time}");
    }
}

#[test]
fn a_signed_number_that_php_cannot_convert_is_refused_without_a_log_line() {
    let keys = keys(CENTURY);
    let huge = "z".repeat(400);
    for signed in [
        format!("wiki-testwiki-3-{huge}"),
        format!("wiki-testwiki-{huge}-tfxeo0"),
    ] {
        let rejection = verify(&signed_address(signed.as_bytes(), &keys), NOW, &keys).unwrap_err();
        assert_eq!(rejection, VerpRejection::NumberTooLarge(NumberTooLarge));
        assert_eq!(rejection.log_line(), None);
    }
}

#[test]
fn dots_in_any_place_of_the_wiki_become_hyphens_and_nothing_else_changes() {
    let keys = keys(CENTURY);
    let parts = verify(
        &signed_address(b".a-.x..\xff?h.-3-tfxeo0", &keys),
        NOW,
        &keys,
    )
    .unwrap();
    assert_eq!(parts.wiki, b"-x--\xff?h-");
    assert_eq!(parts.prefix, b".a");
}

#[test]
fn bytes_that_are_no_text_are_shown_as_replacement_characters() {
    let line = |to: &[u8]| verify(to, NOW, &keys(1)).unwrap_err().log_line().unwrap();
    assert_eq!(
        line(b"a\xffb"),
        "Error: The received address: a\u{fffd}b does not match the VERP pattern."
    );
    assert_eq!(
        line(b"\xe9@x"),
        "Error: Received malformed VERP address: \u{fffd}, cannot extract details."
    );
    assert_eq!(
        line(b"a\xe9-b-c-d-\xc3@x"),
        "Error: Hash validation failed. Expected hash of a\u{fffd}-b-c-d, got \u{fffd}."
    );
}

#[test]
fn what_operators_are_told_holds_nothing_of_the_address() {
    for to in [&b"SECRET"[..], b"SECRET@x", b"SECRET-b-c-d-SECRET@x"] {
        let told = verify(to, NOW, &keys(1)).unwrap_err().to_string();
        assert!(!told.contains("SECRET"), "{told}");
    }
}

proptest! {
    #[test]
    fn what_is_made_is_proved(
        prefix in "[a-zA-Z0-9_.+ ]{0,12}",
        wiki in "[a-z0-9_-]{0,20}",
        user in 0..=i64::MAX.unsigned_abs(),
        time in 0..=NOW,
        domain in "[a-z0-9@.-]{0,20}",
        secret in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let keys = VerpKeys::new("sha256", &secret, CENTURY).unwrap();
        let address = encode(&prefix, &wiki, user, time, &domain, &keys);
        let parts = verify(address.as_bytes(), NOW, &keys).unwrap();
        prop_assert_eq!(parts.prefix, prefix.into_bytes());
        prop_assert_eq!(parts.wiki, wiki.into_bytes());
        prop_assert_eq!(parts.user.as_u64(), Some(user));
        prop_assert_eq!(parts.time.as_i64(), Some(time));
    }

    #[test]
    fn no_bytes_make_it_panic_or_pass(to in proptest::collection::vec(any::<u8>(), 0..200), now: i64, accept_time: i64) {
        prop_assert!(verify(&to, now, &keys(accept_time)).is_err());
    }

    #[test]
    fn no_signed_bytes_make_it_panic(
        signed in proptest::collection::vec("[^@-]{0,30}", 4),
        long in proptest::collection::vec("[0-9a-z]{0,250}", 2),
        now: i64,
        accept_time: i64,
    ) {
        let keys = keys(accept_time);
        let _ = verify(&signed_address(signed.join("-").as_bytes(), &keys), now, &keys);
        let numbers = format!("{}-{}-{}-{}", signed[0], signed[1], long[0], long[1]);
        let _ = verify(&signed_address(numbers.as_bytes(), &keys), now, &keys);
    }

    #[test]
    fn another_byte_anywhere_before_the_at_is_refused(place in 0..43_usize, byte: u8) {
        let keys = keys(CENTURY);
        let address = encode("wiki", "test-wiki", 46_655, 1_780_272_000, "x", &keys);
        // wiki-test.wiki-zzz-tfxeo0-<16 characters>@x
        let mut changed = address.clone().into_bytes();
        prop_assert_eq!(changed.get(42), Some(&b'@'));
        changed[place] = byte;
        prop_assume!(changed != address.as_bytes());
        prop_assert!(verify(&changed, NOW, &keys).is_err(), "{:?}", String::from_utf8_lossy(&changed));
    }

    #[test]
    fn what_follows_the_hash_does_not_matter(tail in "[^@]{0,20}", domain in "[^\r\n]{0,20}") {
        let keys = keys(CENTURY);
        let to = format!("wiki-testwiki-3-tfxeo0-gpHVEsUqK3/AXGXN-{tail}@{domain}");
        prop_assert!(verify(to.as_bytes(), NOW, &keys).is_ok());
    }
}

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

/// Values as PHP itself serialized them.
fn made_by_php() -> Vec<(String, Vec<u8>)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/php/serialize.json");
    let document: serde_json::Value =
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let rows = document["values"].as_array().unwrap().iter();
    rows.map(|row| {
        let bytes = STANDARD
            .decode(row["serialized"].as_str().unwrap())
            .unwrap();
        (row["name"].as_str().unwrap().to_owned(), bytes)
    })
    .collect()
}

#[test]
fn what_php_wrote_is_read_and_written_back_to_the_byte() {
    let rows = made_by_php();
    assert!(rows.len() > 40);
    for (name, bytes) in rows {
        let value = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            String::from_utf8_lossy(&write(&value)),
            String::from_utf8_lossy(&bytes),
            "{name}"
        );
    }
}

#[test]
fn a_repeated_key_keeps_its_place_and_takes_the_last_value() {
    // php > var_dump(unserialize('a:3:{s:1:"a";i:1;s:1:"b";i:2;s:1:"a";i:3;}'));
    let value = read(b"a:3:{s:1:\"a\";i:1;s:1:\"b\";i:2;s:1:\"a\";i:3;}").unwrap();
    assert_eq!(write(&value), b"a:2:{s:1:\"a\";i:3;s:1:\"b\";i:2;}");
}

#[test]
fn canonical_digits_as_a_key_become_an_integer() {
    let value = read(b"a:2:{s:1:\"5\";i:1;s:2:\"05\";i:2;}").unwrap();
    assert_eq!(write(&value), b"a:2:{i:5;i:1;s:2:\"05\";i:2;}");
}

#[test]
fn what_is_no_value_is_refused_with_its_place() {
    let table: [(&[u8], PhpReadError); 8] = [
        (b"", PhpReadError::Short),
        (b"i:5", PhpReadError::Short),
        (b"i:x;", PhpReadError::Unexpected { at: 2 }),
        (b"s:9:\"abc\";", PhpReadError::Short),
        (
            b"s:18446744073709551616:\"\";",
            PhpReadError::Unexpected { at: 2 },
        ),
        (b"N;N;", PhpReadError::Trailing { at: 2 }),
        (b"R:1;", PhpReadError::NotSupported { at: 0, found: 'R' }),
        (b"d:infinity;", PhpReadError::Unexpected { at: 2 }),
    ];
    for (bytes, error) in table {
        assert_eq!(
            read(bytes),
            Err(error),
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn depth_is_limited_and_a_huge_count_costs_nothing() {
    let nested = |levels: usize| {
        [
            b"a:1:{i:0;".repeat(levels),
            b"N;".to_vec(),
            b"}".repeat(levels),
        ]
        .concat()
    };
    assert!(read(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(read(&nested(MAX_DEPTH + 1)), Err(PhpReadError::TooDeep));
    assert_eq!(read(b"a:18446744073709551615:{"), Err(PhpReadError::Short));
}

fn scalar() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"N;".to_vec()),
        any::<bool>().prop_map(|on| write(&PhpValue::Bool(on))),
        any::<i64>().prop_map(|number| write(&PhpValue::Int(number))),
        any::<f64>().prop_map(|number| write(&PhpValue::Float(number))),
        proptest::collection::vec(any::<u8>(), 0..20)
            .prop_map(|bytes| write(&PhpValue::Str(&bytes))),
    ]
}

proptest! {
    #[test]
    fn a_value_survives_writing_and_reading(elements in proptest::collection::vec((any::<i64>(), scalar()), 0..40)) {
        let mut bytes = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let elements: Vec<_> = elements.into_iter().filter(|(key, _)| seen.insert(*key)).collect();
        bytes.extend_from_slice(format!("a:{}:{{", elements.len()).as_bytes());
        for (key, value) in &elements {
            bytes.extend_from_slice(format!("i:{key};").as_bytes());
            bytes.extend_from_slice(value);
        }
        bytes.push(b'}');
        prop_assert_eq!(write(&read(&bytes).unwrap()), bytes);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn changed_bytes_never_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = b"a:4:{s:5:\"email\";s:5:\"To: x\";s:9:\"namespace\";i:0;s:1:\"f\";d:1.5;s:1:\"l\";a:1:{i:0;O:1:\"X\":0:{}}}".to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = read(&bytes);
    }
}

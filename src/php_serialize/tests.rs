use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;

/// Rows of what PHP was asked; how they are made stands beside them.
fn php(rows: &str) -> Vec<serde_json::Value> {
    let document = include_str!("../../fixtures/php/serialize.json");
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    document[rows].as_array().unwrap().clone()
}

fn bytes(value: &serde_json::Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap()).unwrap()
}

#[test]
fn what_php_wrote_is_read_and_written_back_to_the_byte() {
    let rows = php("values");
    assert!(rows.len() > 250, "{}", rows.len());
    for row in rows {
        let (name, bytes) = (&row["name"], bytes(&row["serialized"]));
        let value = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            String::from_utf8_lossy(&write(&value)),
            String::from_utf8_lossy(&bytes),
            "{name}"
        );
    }
}

#[test]
fn what_php_reads_is_read_alike_and_what_it_refuses_is_refused() {
    let rows = php("readings");
    assert!(rows.len() > 100, "{}", rows.len());
    for row in rows {
        let input = bytes(&row["input"]);
        let again = read(&input).ok().map(|value| write(&value));
        let expected = row["again"]
            .as_str()
            .map(|text| STANDARD.decode(text).unwrap());
        // PHP does not mind what follows a value; a row with something behind its params is damaged.
        if matches!(read(&input), Err(PhpReadError::Trailing { .. })) {
            assert!(input.starts_with(&expected.unwrap()));
            continue;
        }
        assert_eq!(
            again.as_deref().map(String::from_utf8_lossy),
            expected.as_deref().map(String::from_utf8_lossy),
            "{}",
            String::from_utf8_lossy(&input)
        );
    }
}

#[test]
fn floats_are_spelled_as_php_spells_them() {
    let floats: Vec<_> = php("values")
        .into_iter()
        .filter(|row| row["text"].is_string())
        .collect();
    assert!(floats.len() > 200, "{}", floats.len());
    for row in floats {
        let serialized = bytes(&row["serialized"]);
        let Ok(PhpValue::Float(float)) = read(&serialized) else {
            panic!("{row}")
        };
        assert_eq!(
            float_text_with(float, 14),
            row["text"].as_str().unwrap(),
            "{row}"
        );
        let json = row["json"].as_str().map(|json| json.replace('e', "E"));
        assert_eq!(float.is_finite().then(|| float_text(float)), json, "{row}");
    }
}

#[test]
fn keys_stay_unique_in_large_arrays() {
    let element = |place: u32| format!("s:4:\"k{:03}\";i:{place};", place % 100);
    let elements: String = (0..200).map(element).collect();
    let bytes = format!("a:200:{{{elements}}}");
    let Ok(PhpValue::Array(array)) = read(bytes.as_bytes()) else {
        panic!("{bytes}")
    };
    assert_eq!(array.len(), 100);
    assert_eq!(
        array.iter().next(),
        Some(&(PhpKey::Str(b"k000"), PhpValue::Int(100)))
    );
    assert_eq!(array.get("k099"), Some(&PhpValue::Int(199)));
}

#[test]
fn what_is_no_value_is_refused_with_its_place() {
    let table: [(&[u8], PhpReadError); 11] = [
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
        (
            b"a:1:{i:0;E:3:\"A:B\";}",
            PhpReadError::NotSupported { at: 9, found: 'E' },
        ),
        (
            b"C:3:\"Abc\":0:{}",
            PhpReadError::NotSupported { at: 0, found: 'C' },
        ),
        (
            b"S:1:\"\\41\";",
            PhpReadError::NotSupported { at: 0, found: 'S' },
        ),
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

/// A value with its own strings, from which one that borrows them is made.
#[derive(Debug, Clone)]
enum Tree {
    Leaf(Vec<u8>),
    Text(Vec<u8>),
    Array(Vec<(Vec<u8>, Tree)>),
    Object(Vec<(Vec<u8>, Tree)>),
}

impl Tree {
    fn value(&self) -> PhpValue<'_> {
        match self {
            Self::Leaf(serialized) => read(serialized).unwrap(),
            Self::Text(text) => PhpValue::Str(text),
            Self::Array(elements) => {
                PhpValue::Array(group(elements, |name| PhpKey::from_bytes(name)))
            }
            Self::Object(elements) => {
                let properties = group(elements, |name| PhpKey::Str(name));
                PhpValue::Object(PhpObject {
                    class: b"stdClass",
                    properties,
                })
            }
        }
    }
}

/// Elements with their keys; of equal keys the first is kept.
fn group(elements: &[(Vec<u8>, Tree)], key: fn(&[u8]) -> PhpKey<'_>) -> PhpArray<'_> {
    let mut list: Vec<(PhpKey<'_>, PhpValue<'_>)> = Vec::new();
    for (name, tree) in elements {
        if !list.iter().any(|(known, _)| *known == key(name)) {
            list.push((key(name), tree.value()));
        }
    }
    PhpArray(list)
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        prop_oneof![Just("N;"), Just("b:0;"), Just("b:1;")]
            .prop_map(|text| Tree::Leaf(text.into())),
        any::<i64>().prop_map(|number| Tree::Leaf(format!("i:{number};").into_bytes())),
        any::<f64>().prop_map(|number| Tree::Leaf(format!("d:{number:e};").into_bytes())),
        vec(any::<u8>(), 0..20).prop_map(Tree::Text),
    ];
    let name = prop_oneof![
        vec(any::<u8>(), 0..4),
        "-?[0-9]{1,3}".prop_map(String::into_bytes)
    ];
    leaf.prop_recursive(5, 60, 25, move |inner| {
        let elements = vec((name.clone(), inner), 0..25);
        prop_oneof![
            elements.clone().prop_map(Tree::Array),
            elements.prop_map(Tree::Object)
        ]
    })
}

proptest! {
    #[test]
    fn a_value_survives_writing_and_reading(tree in trees()) {
        let value = tree.value();
        let written = write(&value);
        prop_assert_eq!(read(&written).unwrap(), value);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn what_can_be_read_of_changed_bytes_can_be_written(
        tree in trees(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = write(&tree.value());
        for (at, byte) in changes {
            *at.get_mut(&mut bytes) = byte;
        }
        let cut = bytes.get(..end.index(bytes.len().saturating_mul(2))).unwrap_or(&bytes);
        if let Ok(value) = read(cut) {
            let written = write(&value);
            prop_assert_eq!(write(&read(&written).unwrap()), written);
        }
    }
}

//! Order, content and the versions of a tree.

use super::*;

#[test]
fn entries_keep_their_place_and_new_ones_go_where_they_are_put() {
    let mut object = Object::of([("a", Value::Number(1)), ("b", Value::Number(2))]);
    object.set("a", Value::Number(3));
    object.set_on_top("b", Value::Number(4));
    object.set_on_top("c", Value::Number(5));
    object.update_on_top("a", |old| {
        assert_eq!(old, Some(Value::Number(3)));
        Value::Number(6)
    });
    object.update_on_top("d", |old| {
        assert_eq!(old, None);
        Value::Number(7)
    });
    let entries: Vec<_> = object.all().collect();
    let numbers = [7, 5, 6, 4].map(Value::Number);
    assert_eq!(
        entries,
        ["d", "c", "a", "b"]
            .into_iter()
            .zip(&numbers)
            .collect::<Vec<_>>()
    );
    assert_eq!(object.take("c"), Some(Value::Number(5)));
    assert_eq!(object.get("c"), None);
}

#[test]
fn texts_are_clean_text() {
    assert_eq!(
        Value::text("e\u{301}\0"),
        Value::Text("\u{e9}\u{fffd}".to_owned())
    );
}

//! The "did you mean" hint.

/// Names less alike than this (0: nothing in common, 1: equal) are not worth a hint.
const ALIKE: f64 = 0.4;

/// A longer name is no misspelling, and comparing it costs time.
const LONGEST_MISSPELLING: usize = 200;

/// The known name that looks most like the unknown one, if any does. Case and the `$wg` of MediaWiki do not count.
pub(super) fn nearest<T: AsRef<str>>(
    unknown: &str,
    known: impl IntoIterator<Item = T>,
) -> Option<T> {
    if unknown.len() > LONGEST_MISSPELLING {
        return None;
    }
    let bare = unknown
        .trim_start_matches('$')
        .trim_start_matches("wg")
        .to_lowercase();
    let likeness =
        |name: &T| strsim::normalized_damerau_levenshtein(&bare, &name.as_ref().to_lowercase());
    known
        .into_iter()
        .map(|name| (likeness(&name), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}

/// The end of a message about an unknown name.
pub(super) fn did_you_mean(nearest: Option<&str>) -> String {
    match nearest {
        Some(name) => format!("; did you mean `{name}`?"),
        None => "; docs/SETTINGS.md lists what is known".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_whatever_its_case_and_prefix() {
        let known = [
            "VERPsecret",
            "VERPprefix",
            "Listen",
            "BounceHandlerInternalIPs",
        ];
        let table = [
            ("VERPsecrt", Some("VERPsecret")),
            ("verpprefix", Some("VERPprefix")),
            ("$wgVERPsecret", Some("VERPsecret")),
            ("wgListen", Some("Listen")),
            ("BounceHandlerInternalIP", Some("BounceHandlerInternalIPs")),
            ("InternalIPs", Some("BounceHandlerInternalIPs")),
            ("Zzz", None),
            ("", None),
        ];
        for (unknown, expected) in table {
            assert_eq!(nearest(unknown, known), expected, "{unknown}");
        }
    }

    #[test]
    fn an_endless_name_gets_no_hint() {
        assert_eq!(nearest(&"Listen".repeat(1000), ["Listen"]), None);
    }
}

//! The recorded profiles of the reference wiki.

use super::*;
use value::SettingValue;

#[test]
fn all_recorded_profiles_are_settings_files() {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared");
    let shared = std::env::var("BOUNCEHANDLERD_SHARED").unwrap_or_else(|_| beside.to_owned());
    let profiles = Path::new(&shared).join("conformance/profiles");
    let Ok(listing) = fs::read_dir(&profiles) else {
        println!(
            "skipped: settings profiles: no recordings at {}",
            profiles.display()
        );
        return;
    };
    let mut loaded = 0;
    for entry in listing.map(Result::unwrap) {
        let profile = fs::read_to_string(entry.path())
            .unwrap()
            .replace("{dir}", "/data");
        let settings = load_file("profile.json", &profile)
            .unwrap_or_else(|error| panic!("{entry:?}: {error}"));
        let given: Value = serde_json::from_str(&profile).unwrap();
        for (name, value) in given.as_object().unwrap() {
            let row = find_row(name).unwrap();
            assert_ne!(settings.row_origin(row), &Origin::Default, "{name}");
            let kept = (row.show)(&settings, Secrets::Plain);
            if value.is_string() || value.is_boolean() || name.ends_with("databases") {
                assert_eq!(kept, *value, "{name}");
            }
        }
        let users = settings.wiki.users.show(Secrets::Plain);
        for (kept, given) in users
            .as_array()
            .unwrap()
            .iter()
            .zip(given["Users"].as_array().unwrap())
        {
            for (key, value) in given.as_object().unwrap() {
                // An empty or unset value is the key's default, and a record is shown without its defaults.
                let empty = value.as_str() == Some("")
                    || value.is_null()
                    || *value == 0
                    || *value == serde_json::json!([]);
                if !empty && key != "block" {
                    assert_eq!(kept[key], *value, "{key}");
                }
            }
            assert_eq!(kept["block"]["reason"], given["block"]["reason"]);
        }
        assert_eq!(
            users.as_array().unwrap().len(),
            given["Users"].as_array().unwrap().len()
        );
        let log = settings.log.debug_log_groups.get("BounceHandler");
        assert_eq!(log, Some(&PathBuf::from("/data/bouncehandler.log")));
        loaded += 1;
    }
    assert!(loaded > 0, "no profile in {}", profiles.display());
}

//! What a bot password lets a bot do (MediaWiki: `$wgGrantPermissions`).

/// The rights that these grants give together; unknown grants give none.
pub fn rights_of_grants(grants: &[String]) -> Vec<&'static str> {
    let rights = grants.iter().flat_map(|grant| rights_of(grant));
    rights.copied().collect()
}

fn rights_of(grant: &str) -> &'static [&'static str] {
    match grant {
        "basic" => &["read"],
        _ => &[],
    }
}

//! What a bot password lets a bot do (MediaWiki: `$wgGrantPermissions`).

/// A grant and its rights.
pub struct Grant {
    /// Its name.
    pub name: &'static str,
    rights: &'static [&'static str],
    /// Whether it gives the rights of editing a page, too.
    with_editing: bool,
}

/// What belongs to every grant that is about changing pages.
const EDITING: [&str; 5] = [
    "changetags",
    "applychangetags",
    "edit",
    "editcontentmodel",
    "minoredit",
];

/// All grants, as `Special:ListGrants` of a wiki without extensions shows them.
pub const GRANTS: &[Grant] = &[
    plain(
        "basic",
        &[
            "autocreateaccount",
            "ipblock-exempt",
            "editsemiprotected",
            "autopatrol",
            "autoconfirmed",
            "nominornewtalk",
            "read",
            "unwatchedpages",
            "patrolmarks",
        ],
    ),
    plain(
        "highvolume",
        &["bot", "markbotedits", "noratelimit", "apihighlimits"],
    ),
    plain("import", &["importupload", "import"]),
    editing("editpage", &[]),
    editing("editprotected", &["editprotected"]),
    editing(
        "editmycssjs",
        &["editmyusercss", "editmyuserjson", "editmyuserjs"],
    ),
    plain("editmyoptions", &["editmyoptions", "editmyuserjson"]),
    editing(
        "editinterface",
        &["edituserjson", "editsitejson", "editinterface"],
    ),
    editing(
        "editsiteconfig",
        &[
            "editusercss",
            "edituserjson",
            "edituserjs",
            "editsitecss",
            "editsitejson",
            "editsitejs",
            "editinterface",
        ],
    ),
    editing(
        "createeditmovepage",
        &[
            "createtalk",
            "createpage",
            "delete-redirect",
            "move-categorypages",
            "move",
            "move-subpages",
            "move-rootuserpages",
            "suppressredirect",
        ],
    ),
    plain("uploadfile", &["reupload-own", "upload"]),
    plain(
        "uploadeditmovefile",
        &[
            "movefile",
            "suppressredirect",
            "reupload-shared",
            "reupload",
            "reupload-own",
            "upload",
            "upload_by_url",
        ],
    ),
    plain("patrol", &["patrol"]),
    plain("rollback", &["rollback"]),
    plain("blockusers", &["blockemail", "block"]),
    plain(
        "viewdeleted",
        &["browsearchive", "deletedhistory", "deletedtext"],
    ),
    plain("viewrestrictedlogs", &["suppressionlog"]),
    editing(
        "delete",
        &[
            "deletelogentry",
            "deleterevision",
            "delete",
            "bigdelete",
            "browsearchive",
            "undelete",
            "deletedhistory",
            "deletedtext",
        ],
    ),
    plain("oversight", &["viewsuppressed", "suppressrevision"]),
    editing("protect", &["protect", "editprotected"]),
    plain("viewmywatchlist", &["viewmywatchlist"]),
    plain("editmywatchlist", &["editmywatchlist"]),
    plain("sendemail", &["sendemail"]),
    plain("createaccount", &["createaccount"]),
    plain("privateinfo", &["viewmyprivateinfo"]),
    plain("mergehistory", &["mergehistory"]),
];

const fn plain(name: &'static str, rights: &'static [&'static str]) -> Grant {
    Grant {
        name,
        rights,
        with_editing: false,
    }
}

const fn editing(name: &'static str, rights: &'static [&'static str]) -> Grant {
    Grant {
        name,
        rights,
        with_editing: true,
    }
}

/// The rights that these grants give together; unknown grants give none.
pub fn rights_of_grants(grants: &[String]) -> Vec<&'static str> {
    let named = |grant: &&Grant| grants.iter().any(|name| name == grant.name);
    let granted = GRANTS.iter().filter(named).flat_map(|grant| {
        let editing: &[&str] = if grant.with_editing { &EDITING } else { &[] };
        grant.rights.iter().chain(editing)
    });
    granted.copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_give_their_rights_and_unknown_ones_none() {
        let of = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            rights_of_grants(&names)
        };
        assert_eq!(of(&["nosuchgrant"]), [""; 0]);
        assert_eq!(of(&["sendemail", "nosuchgrant"]), ["sendemail"]);
        let editor = of(&["basic", "editpage"]);
        assert!(editor.contains(&"read") && editor.contains(&"edit"));
        assert!(!editor.contains(&"createpage") && !editor.contains(&"bot"));
    }
}

//! How often somebody may do something, as `userinfo` tells it (MediaWiki: `$wgRateLimits`). What could be done so often
//! is not to be done here at all, so the limits are only told.
//!
//! Recorded cases: `query/userinfo-ratelimits`, `auth/userinfo-all-after-login`.

use super::result::{Object, Value};

/// So many times in so many seconds.
type Limit = (i64, i64);

/// What is limited, for strangers from one address, and for users.
const LIMITS: [(&str, Option<Limit>, Option<Limit>); 16] = [
    ("edit", Some((8, 60)), Some((90, 60))),
    ("move", None, Some((8, 60))),
    ("upload", Some((8, 60)), None),
    ("rollback", None, Some((10, 60))),
    ("mailpassword", Some((5, 3600)), None),
    ("sendemail", Some((5, 86_400)), Some((20, 86_400))),
    ("changeemail", None, Some((4, 86_400))),
    ("confirmemail", None, Some((4, 86_400))),
    ("purge", Some((30, 60)), Some((30, 60))),
    ("linkpurge", Some((30, 60)), Some((30, 60))),
    ("renderfile", Some((700, 30)), Some((700, 30))),
    ("renderfile-nonstandard", Some((70, 30)), Some((70, 30))),
    ("stashedit", Some((30, 60)), None),
    ("stashbasehtml", Some((5, 60)), None),
    ("changetags", Some((8, 60)), None),
    ("editcontentmodel", None, Some((8, 60))),
];

/// The limits of a stranger, or of a user.
pub fn of(is_anonymous: bool) -> Object {
    let mut limits = Object::default();
    for (action, of_address, of_user) in LIMITS {
        let (kind, limit) = if is_anonymous {
            ("ip", of_address)
        } else {
            ("user", of_user)
        };
        if let Some((hits, seconds)) = limit {
            let limit = Object::of([
                ("hits", Value::Number(hits)),
                ("seconds", Value::Number(seconds)),
            ]);
            limits.set(action, Object::of([(kind, Value::Object(limit))]));
        }
    }
    limits
}

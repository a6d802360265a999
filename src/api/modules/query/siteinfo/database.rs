//! How far the database is behind: there is one, which is never behind.

use super::{PATH, SHOW_ALL_DATABASES, SiteCall};
use crate::api::error::ApiError;
use crate::api::messages;
use crate::api::report::Report;
use crate::api::result::{Object, Value};

/// What is told where there is no other server that could be behind (recorded cases `params/maxlag-*`).
const NO_REPLICA: i64 = -1;

/// What [`ApiError::AllServersHidden`] is on the wire (recorded case `siteinfo/showalldb-hidden`).
pub fn all_servers_hidden() -> Report {
    Report::new(PATH, "includeAllDenied", &messages::ALL_SERVERS_HIDDEN, [])
}

/// `dbrepllag`
pub(super) fn replication_lag(call: &SiteCall<'_>) -> Result<Value, ApiError> {
    let host = call.query.api.host_name.as_deref();
    let shows_all = call.query.params.is_present(SHOW_ALL_DATABASES);
    let (host, lag) = match host {
        Some(host) if shows_all => (host, 0),
        None if shows_all => return Err(ApiError::AllServersHidden),
        host => (host.unwrap_or_default(), NO_REPLICA),
    };
    let row = Object::of([("host", Value::text(host)), ("lag", Value::Number(lag))]);
    Ok(Value::list("db", [row.into()]))
}

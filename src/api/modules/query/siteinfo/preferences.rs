//! What users find in their preferences before they change them.

use super::SiteCall;
use crate::api::result::Value;
use crate::api::user_options;

/// `defaultoptions`
pub(super) fn default_options(call: &SiteCall<'_>) -> Value {
    user_options::defaults(&call.site().language).into()
}

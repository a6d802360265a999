//! Settings that have one of a few texts.

use super::fault::Fault;
use super::value::{Secrets, SettingValue};
use serde_json::Value;

/// Makes an enum of the possible texts.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        $Choice:ident { $( $(#[$variant_meta:meta])* $variant:ident = $text:literal, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $Choice { $( $(#[$variant_meta])* $variant, )+ }

        impl $Choice {
            /// The text that stands for it.
            pub const fn text(self) -> &'static str {
                match self { $( Self::$variant => $text, )+ }
            }
        }

        impl SettingValue for $Choice {
            fn kind() -> String {
                [$( concat!("\"", $text, "\"") ),+].join(" or ")
            }

            fn read(value: &Value) -> Result<Self, Fault> {
                match value.as_str() {
                    $( Some($text) => Ok(Self::$variant), )+
                    _ => Err(Fault::unexpected(value, Self::kind())),
                }
            }

            fn show(&self, _: Secrets) -> Value {
                Value::from(self.text())
            }
        }
    };
}

choice! {
    /// The form of the lines that `runjobs` prints.
    RunJobsLogFormat {
        /// As MediaWiki 1.23 and 1.24 printed them.
        Of2014 = "2014",
        /// As MediaWiki 1.43 prints them.
        Of143 = "1.43",
    }
}

choice! {
    /// When a failed job is tried again.
    JobRetryRule {
        /// After a wait that grows.
        BackOff = "back-off",
        /// When its claim is stale, as in MediaWiki.
        ClaimTtl = "claim-ttl",
    }
}

choice! {
    /// Whose verdict on a bounce counts.
    BounceVerdict {
        /// That of the `BounceHandler` extension.
        Compatible = "compatible",
        /// That of the judge who goes by what the mail says.
        Strict = "strict",
    }
}

choice! {
    /// Which bounces count once only.
    CountBounceOnce {
        /// None.
        Off = "off",
        /// The same mail, posted again.
        Message = "message",
        /// All bounces of one mail that was sent.
        Send = "send",
    }
}

choice! {
    /// What a client outside `BounceHandlerInternalIPs` is told.
    RestrictedIpResponse {
        /// The API error `invalid-ip`, as BounceHandler answers.
        Error = "error",
        /// Nothing.
        Empty = "empty",
    }
}

choice! {
    /// Who may show the answers in a frame (the header `X-Frame-Options`).
    FrameOptions {
        /// Nobody.
        Deny = "DENY",
        /// Pages of the same origin.
        SameOrigin = "SAMEORIGIN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_choice_is_one_of_its_texts_in_their_case() {
        assert_eq!(
            RunJobsLogFormat::read(&json!("1.43")).ok(),
            Some(RunJobsLogFormat::Of143)
        );
        assert_eq!(
            FrameOptions::read(&json!("SAMEORIGIN")).ok(),
            Some(FrameOptions::SameOrigin)
        );
        for value in [json!("deny"), json!(""), json!(2014), json!(null)] {
            assert!(FrameOptions::read(&value).is_err(), "{value}");
        }
    }
}

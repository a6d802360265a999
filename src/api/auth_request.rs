//! What a login asks for, as `authmanagerinfo` describes it and `clientlogin` reads it.
//!
//! MediaWiki: `PasswordAuthenticationRequest`, `RememberMeAuthenticationRequest`, `ApiAuthManagerHelper`. Described as a
//! MediaWiki 1.39 does.

use super::messages::{self, Language, Message, MessageParam, MessageText, TextForm};
use super::param_spec::{ParamKind, ParamSpec};
use super::result::{Object, Value};

/// The identifier of the request for name and password.
pub const PASSWORD_REQUEST: &str = "MediaWiki\\Auth\\PasswordAuthenticationRequest";

/// The identifier of the question whether to stay logged in.
pub const REMEMBER_REQUEST: &str = "MediaWiki\\Auth\\RememberMeAuthenticationRequest";

/// Name, password, and whether to stay logged in.
pub const FIELDS: [ParamSpec; 3] = [
    ParamSpec::optional("username", ParamKind::Text),
    ParamSpec::optional("password", ParamKind::Password).sensitive(),
    ParamSpec::optional("rememberMe", ParamKind::Presence),
];

/// Days for which a user stays logged in.
const REMEMBERED_DAYS: i64 = 180;

/// How messages are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageFormat {
    /// As HTML.
    Html,
    /// Not at all.
    None,
    /// As key and params.
    Raw,
    /// As wikitext.
    Wikitext,
}

impl MessageFormat {
    /// The names of the formats.
    pub fn names() -> Vec<&'static str> {
        vec!["html", "none", "raw", "wikitext"]
    }

    /// The format with this name.
    pub fn of(name: Option<&str>) -> Self {
        match name {
            Some("html") => Self::Html,
            Some("none") => Self::None,
            Some("raw") => Self::Raw,
            Some(_) | None => Self::Wikitext,
        }
    }

    /// A message in this format.
    pub fn value(self, message: &Message, language: &Language) -> Option<Value> {
        match self {
            Self::Html => Some(Value::text(message.render(language, TextForm::Html))),
            Self::None => None,
            Self::Raw => Some(Value::Object(message.raw())),
            Self::Wikitext => Some(Value::text(message.render(language, TextForm::Wikitext))),
        }
    }
}

/// Describes requests in a format and a language.
#[derive(Debug)]
pub struct RequestDescriber<'d> {
    /// The format of messages.
    pub format: MessageFormat,
    /// Their language.
    pub language: &'d Language,
    /// The user who is logged in, or nobody.
    pub account: &'d str,
}

impl RequestDescriber<'_> {
    /// What a login asks for: the requests with their fields, or without them and the fields apart.
    pub fn login(&self, merge_fields: bool) -> Object {
        let password_fields = Object::of([
            (
                "username",
                self.field(
                    "string",
                    &messages::USERNAME_LABEL,
                    &messages::AUTH_USERNAME_HELP,
                    false,
                    false,
                ),
            ),
            (
                "password",
                self.field(
                    "password",
                    &messages::PASSWORD_LABEL,
                    &messages::AUTH_PASSWORD_HELP,
                    false,
                    true,
                ),
            ),
        ]);
        let remember_fields = Object::of([(
            "rememberMe",
            self.field(
                "checkbox",
                &messages::REMEMBER_LABEL,
                &messages::AUTH_REMEMBER_HELP,
                true,
                false,
            ),
        )]);
        let provider = Message::new(&messages::AUTH_PASSWORD_PROVIDER, []);
        let mut password = self.request(
            PASSWORD_REQUEST,
            "primary-required",
            &provider,
            self.account,
        );
        let own_name = only_text(REMEMBER_REQUEST);
        let mut remember = self.request(REMEMBER_REQUEST, "optional", &own_name, REMEMBER_REQUEST);
        let mut merged = Object::default();
        if merge_fields {
            merged.extend(password_fields);
            merged.extend(remember_fields);
        } else {
            password.set("fields", password_fields);
            remember.set("fields", remember_fields);
        }
        let requests = [password, remember].map(Value::Object);
        let mut described = Object::of([("requests", Value::list("_v", requests))]);
        if merge_fields {
            described.set("fields", merged);
        }
        described
    }

    fn request(&self, id: &str, required: &str, provider: &Message, account: &str) -> Object {
        let mut request = Object::of([
            ("id", Value::text(id)),
            ("metadata", Value::Object(Object::default())),
            ("required", Value::text(required)),
        ]);
        self.set(&mut request, "provider", provider);
        self.set(&mut request, "account", &only_text(account));
        request
    }

    fn field(
        &self,
        kind: &str,
        label: &'static MessageText,
        help: &'static MessageText,
        is_optional: bool,
        is_sensitive: bool,
    ) -> Value {
        let days = (kind == "checkbox").then_some(MessageParam::MarkedNumber(REMEMBERED_DAYS));
        let mut field = Object::of([("type", Value::text(kind))]);
        self.set(
            &mut field,
            "label",
            &Message::new(label, Vec::from_iter(days)),
        );
        self.set(&mut field, "help", &Message::new(help, []));
        field.set("optional", Value::Bool(is_optional));
        field.set("sensitive", Value::Bool(is_sensitive));
        Value::Object(field)
    }

    fn set(&self, object: &mut Object, name: &'static str, message: &Message) {
        if let Some(value) = self.format.value(message, self.language) {
            object.set(name, value);
        }
    }
}

/// A message that is nothing but this text, whatever the language.
fn only_text(text: &str) -> Message {
    Message::new(&messages::ONLY_TEXT, [MessageParam::text(text)])
}

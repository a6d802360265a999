//! The crate `mwapi`: logs in when the client is built, asserts the user in every request, keeps tokens itself.

use clients::{Outcome, STRANGERS_TOKEN, end, expect, expect_site, expect_token, mail, told};
use mwapi::{Client, Error, ErrorFormat};
use serde_json::{Value, json};

const USERINFO: [(&str, &str); 3] = [
    ("action", "query"),
    ("meta", "userinfo"),
    ("uiprop", "groups|rights"),
];
const TOKENS: [(&str, &str); 2] = [("action", "query"), ("meta", "tokens")];

async fn log_in(name: &str, password: &str) -> mwapi::Result<Client> {
    let api = std::env::var("WIKI_API").map_err(|error| Error::Unknown(error.to_string()))?;
    let builder = Client::builder(&api)
        .set_errorformat(ErrorFormat::Plaintext)
        .set_retry_limit(0);
    builder.set_botpassword(name, password).build().await
}

/// The code and the text of an error of the API, or what came instead.
fn api_error<T: std::fmt::Debug>(result: Result<T, Error>) -> (String, String) {
    match result {
        Err(Error::ApiError(error)) => (error.code, error.text),
        other => ("no error of the API".to_owned(), format!("{other:?}")),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let stranger = Client::builder(&told("WIKI_API")?)
        .set_retry_limit(0)
        .build()
        .await?;
    let (user, name, password) = (
        told("WIKI_USER")?,
        told("WIKI_APP")?,
        told("WIKI_APP_PASSWORD")?,
    );

    let info = stranger.get_value(&USERINFO).await?;
    expect(
        "a stranger is anonymous",
        &info["query"]["userinfo"]["anon"],
        &json!(true),
    );
    let site = stranger
        .get_value(&[
            ("action", "query"),
            ("meta", "siteinfo"),
            ("siprop", "general|namespaces"),
        ])
        .await?;
    expect_site(&site["query"], "name")?;
    let tokens = stranger.get_value(&TOKENS).await?;
    expect(
        "a stranger's token",
        &tokens["query"]["tokens"]["csrftoken"],
        &json!(STRANGERS_TOKEN),
    );

    let error = api_error(
        log_in(&name, &format!("not{password}"))
            .await
            .map(|_| "a login"),
    );
    expect(
        "a wrong password is an error",
        error.1,
        told("SAYS_WRONG_PASSWORD")?,
    );
    let client = log_in(&name, &password).await?;
    let info = client.get_value(&USERINFO).await?;
    let info = &info["query"]["userinfo"];
    expect(
        "the bot password logs in",
        &info["name"],
        &Value::from(user.as_str()),
    );
    let has = |list: &str, item: &str| {
        info[list]
            .as_array()
            .is_some_and(|all| all.contains(&json!(item)))
    };
    expect(
        "the user is in the groups and has the rights",
        (has("groups", "user"), has("rights", "read")),
        (true, true),
    );
    let tokens = client.get_value(&TOKENS).await?;
    expect_token(
        "a user's token",
        tokens["query"]["tokens"]["csrftoken"]
            .as_str()
            .unwrap_or_default(),
    );

    bounces(&client).await?;

    let answer: Value = client
        .post_with_token("csrf", &[("action", "logout")])
        .await?;
    expect("logout with the token", &answer["errors"], &Value::Null);
    let asserted = client.get_value(&USERINFO).await;
    let told = matches!(asserted, Err(Error::NotLoggedIn));
    expect(
        "after logout the client is told that it is not logged in",
        told,
        true,
    );
    end(1);
    Ok(())
}

/// Hands in bounces, and makes the mistakes that the API refuses.
async fn bounces(client: &Client) -> Outcome {
    let (bounce, refused) = (mail("MAIL_BOUNCE")?, mail("MAIL_REFUSED")?);
    let submitted = |answer: Value| {
        answer["bouncehandler"]["submitted"]
            .as_str()
            .map(str::to_owned)
    };
    let answer = client
        .post_value(&[("action", "bouncehandler"), ("email", bounce.as_str())])
        .await?;
    expect(
        "a bounce becomes a job",
        submitted(answer).as_deref(),
        Some("job"),
    );
    let answer = client
        .post_value(&[("action", "bouncehandler"), ("email", refused.as_str())])
        .await?;
    expect(
        "a mail to somebody else is a failure",
        submitted(answer).as_deref(),
        Some("failure"),
    );

    let error = api_error(client.post_value(&[("action", "bouncehandler")]).await);
    expect(
        "no mail is an error of the API",
        error,
        ("missingparam".to_owned(), told("SAYS_MISSINGPARAM")?),
    );
    let error = api_error(
        client
            .get_value(&[("action", "bouncehandler"), ("email", "x")])
            .await,
    );
    expect(
        "GET is an error of the API",
        error,
        ("mustbeposted".to_owned(), told("SAYS_MUSTBEPOSTED")?),
    );
    let error = api_error(client.post_value(&[("action", "nosuchaction")]).await);
    expect(
        "an unknown action is an error of the API",
        error,
        ("badvalue".to_owned(), told("SAYS_BADVALUE")?),
    );
    Ok(())
}

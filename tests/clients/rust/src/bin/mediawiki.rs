//! The crate `mediawiki`: reads the site's information when the client is made, the user's rights after login. It hands
//! errors of the API on as JSON.

use clients::{Outcome, STRANGERS_TOKEN, end, expect, expect_site, expect_token, mail, told};
use mediawiki::MediaWikiError;
use mediawiki::api::Api;
use serde_json::{Value, json};

async fn post(api: &Api, parameters: &[(&str, &str)]) -> Result<Value, MediaWikiError> {
    api.post_query_api_json(&api.params_into(parameters)).await
}

async fn is_anonymous(api: &Api) -> Result<bool, MediaWikiError> {
    let parameters = api.params_into(&[("action", "query"), ("meta", "userinfo")]);
    Ok(api.get_query_api_json(&parameters).await?["query"]["userinfo"]["anon"] == "")
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let mut api = Api::new(&told("WIKI_API")?).await?;
    let (user, name, password) = (
        told("WIKI_USER")?,
        told("WIKI_APP")?,
        told("WIKI_APP_PASSWORD")?,
    );

    expect(
        "a stranger is anonymous",
        (is_anonymous(&api).await?, api.user().logged_in()),
        (true, false),
    );
    expect_site(&api.get_site_info()["query"], "*")?;
    expect(
        "namespaces are found by number",
        api.get_canonical_namespace_name(2),
        Some("User"),
    );
    expect(
        "a stranger's token",
        api.get_edit_token().await?,
        STRANGERS_TOKEN,
    );

    let wrong = Api::new(&told("WIKI_API")?)
        .await?
        .login(name.clone(), format!("not{password}"))
        .await;
    expect(
        "a wrong password is an error",
        wrong.map_err(|error| error.to_string()),
        Err("Login failed".to_owned()),
    );
    api.login(name, password).await?;
    expect(
        "the bot password logs in",
        (api.user().logged_in(), api.user().user_name()),
        (true, user.as_str()),
    );
    expect(
        "the user has the rights",
        api.user().has_right("read"),
        true,
    );
    let token = api.get_edit_token().await?;
    expect_token("a user's token", &token);

    bounces(&api).await?;

    let answer = post(&api, &[("action", "logout"), ("token", &token)]).await?;
    expect("logout with the token", answer, json!({}));
    expect(
        "after logout the client is a stranger again",
        is_anonymous(&api).await?,
        true,
    );
    end(1);
    Ok(())
}

/// Hands in bounces, and makes the mistakes that the API refuses.
async fn bounces(api: &Api) -> Outcome {
    let (bounce, refused) = (mail("MAIL_BOUNCE")?, mail("MAIL_REFUSED")?);
    let answer = post(api, &[("action", "bouncehandler"), ("email", &bounce)]).await?;
    expect(
        "a bounce becomes a job",
        answer,
        json!({"bouncehandler": {"submitted": "job"}}),
    );
    let answer = post(api, &[("action", "bouncehandler"), ("email", &refused)]).await?;
    expect(
        "a mail to somebody else is a failure",
        answer,
        json!({"bouncehandler": {"submitted": "failure"}}),
    );

    let answer = post(api, &[("action", "bouncehandler")]).await?;
    expect_error(
        "no mail is an error",
        &answer,
        "missingparam",
        "SAYS_MISSINGPARAM",
    )?;
    let parameters = api.params_into(&[("action", "bouncehandler"), ("email", "x")]);
    let answer = api.get_query_api_json(&parameters).await?;
    expect_error(
        "GET is an error",
        &answer,
        "mustbeposted",
        "SAYS_MUSTBEPOSTED",
    )?;
    let answer = post(api, &[("action", "nosuchaction")]).await?;
    expect_error(
        "an unknown action is an error",
        &answer,
        "badvalue",
        "SAYS_BADVALUE",
    )
}

fn expect_error(sentence: &str, answer: &Value, code: &str, says: &str) -> Outcome {
    let error = &answer["error"];
    expect(
        sentence,
        (&error["code"], &error["info"]),
        (&json!(code), &Value::from(told(says)?)),
    );
    Ok(())
}

//! What `serve` says when it starts.

use super::build::accounts::has_public_passwords;
use crate::settings::{Settings, User};
use std::io::{self, Write};

/// Says where the server is, what is in it, and how to try it.
pub(super) fn greet(settings: &Settings, url: &str) -> io::Result<()> {
    let mut screen = io::stdout().lock();
    let (wiki, path) = (settings.wiki.wiki_id(), &settings.wiki.script_path);
    writeln!(
        screen,
        "bouncehandlerd {} listens on {url}",
        env!("CARGO_PKG_VERSION")
    )?;
    writeln!(
        screen,
        "  wiki   {} ({wiki}), API at {url}{path}/api.php",
        settings.wiki.sitename
    )?;
    let tells_passwords =
        has_public_passwords(settings) && settings.network.listen.ip().is_loopback();
    for user in &settings.wiki.users {
        writeln!(
            screen,
            "  user   {} {} ({})",
            user.id,
            user.name,
            address(user)
        )?;
        if tells_passwords {
            greet_login(&mut screen, user)?;
        }
    }
    writeln!(
        screen,
        "  data   {}",
        settings.storage.data_directory.display()
    )?;
    if settings.jobs.run_in_background {
        writeln!(
            screen,
            "  jobs   run in the background as they come (RunJobsInBackground)"
        )?;
    } else {
        let rate = settings.jobs.run_rate;
        let trigger = format!("curl -X POST {url}/admin/runJobs");
        writeln!(
            screen,
            "  jobs   wait for a trigger: {trigger}, or a look at {path}/index.php (JobRunRate = {rate})"
        )?;
    }
    let question = "action=bouncehandler&format=json";
    writeln!(
        screen,
        "  try    curl --data-urlencode email@MAIL '{url}{path}/api.php?{question}'"
    )?;
    let verp = "bouncehandlerd verp encode --user ID";
    writeln!(
        screen,
        "         with a bounce in the file MAIL whose To: is the output of: {verp}"
    )?;
    screen.flush()
}

/// How to log in as a built-in user: everybody knows that anyway.
fn greet_login(screen: &mut impl Write, user: &User) -> io::Result<()> {
    if let Some(password) = &user.password {
        writeln!(screen, "         password {}", password.expose())?;
    }
    for bot in &user.bot_passwords {
        let (name, password) = (&user.name, bot.password.expose());
        writeln!(
            screen,
            "         bot password {name}@{} {password}",
            bot.app_id
        )?;
    }
    Ok(())
}

fn address(user: &User) -> String {
    match (user.email.as_str(), user.email_authenticated) {
        ("", _) => "no address".to_owned(),
        (email, Some(_)) => format!("{email}, confirmed"),
        (email, None) => format!("{email}, not confirmed"),
    }
}

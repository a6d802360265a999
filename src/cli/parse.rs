//! `parse`: what mails say, for programs and for people.

mod page;

use super::CommonArguments;
use super::build::read_limits;
use crate::bounce::compatible;
use crate::bounce::read;
use crate::bounce::report::{BounceReport, ReadLimits, write_line};
use crate::settings::no_color;
use clap::{Args, ValueEnum};
use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// Which mails, and how.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print one JSON object a line, in the order of the files, instead of a page
    #[arg(long)]
    json: bool,
    /// Colours on the page
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
    /// Files with one mail each; `-` or none: one mail on standard input
    #[arg(value_name = "FILE")]
    files: Vec<String>,
}

/// When a page has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    Always,
    Never,
}

impl Color {
    fn is_on(self) -> bool {
        match self {
            Self::Auto => io::stdout().is_terminal() && !no_color(),
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// Parses each mail. A file that cannot be read is told of and does not keep the others from being parsed.
pub(super) fn run(common: &CommonArguments, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let standard_input = ["-".to_owned()];
    let files = if arguments.files.is_empty() {
        standard_input.as_slice()
    } else {
        &arguments.files
    };
    let settings = common.settings(common.config.clone(), Vec::new())?;
    let limits = read_limits(&settings);
    let color = arguments.color.is_on();
    let mut line = Vec::new();
    let mut code = ExitCode::SUCCESS;
    for (index, file) in files.iter().enumerate() {
        let mail = match read_mail(file) {
            Ok(mail) => mail,
            Err(error) => {
                tell(&format!("{file}: cannot be read: {error}"));
                code = ExitCode::FAILURE;
                continue;
            }
        };
        let Some(report) = guarded(&mail, &limits) else {
            tell(&format!(
                "{file}: the mail could not be read because of a fault in this program; please report it with the mail"
            ));
            code = ExitCode::FAILURE;
            continue;
        };
        line.clear();
        if arguments.json {
            let name = (file != "-").then_some(file.as_str());
            write_line(&mut line, name, &report, &compatible::judge(&mail))?;
        } else {
            if index > 0 {
                line.push(b'\n');
            }
            let heading = (files.len() > 1).then_some(file.as_str());
            page::write(&mut line, heading, &mail, &report, color)?;
        }
        out.write_all(&line)?;
    }
    out.flush()?;
    Ok(code)
}

fn read_mail(file: &str) -> io::Result<Vec<u8>> {
    if file == "-" {
        let mut mail = Vec::new();
        io::stdin().lock().read_to_end(&mut mail)?;
        return Ok(mail);
    }
    fs::read(file)
}

/// The report, unless reading panics.
fn guarded(mail: &[u8], limits: &ReadLimits) -> Option<BounceReport> {
    catch_unwind(AssertUnwindSafe(|| read(mail, limits))).ok()
}

#[expect(
    clippy::print_stderr,
    reason = "the other mails are parsed all the same"
)]
fn tell(message: &str) {
    eprintln!("bouncehandlerd: {message}");
}

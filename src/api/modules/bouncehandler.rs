//! The module `bouncehandler`: takes a bounce mail and queues a job for it.
//!
//! MediaWiki: the `BounceHandler` extension. Recorded cases: `verp/*`, `ip/*`, `mails/*`.

mod refusal;

use self::refusal::Refusal;
use crate::api::answer::Answer;
use crate::api::error::ApiError;
use crate::api::exception::Exception;
use crate::api::module::{ActionModule, Execution, ModuleCall, ModuleInfo, Source};
use crate::api::param_spec::{ParamKind, ParamSpec};
use crate::api::request_id::RequestId;
use crate::api::result::{Object, Value};
use crate::api::{ApiOptions, RestrictedIpResponse};
use crate::bounce::{header_scan, recipient_fields};
use crate::effects::UserId;
use crate::job::{BOUNCE_HANDLER_TITLE, JobId, JobType, NewJob, WikiId};
use crate::log::BOUNCE_HANDLER;
use crate::php_serialize::{PhpValue, write_params};
use crate::store::Store;
use crate::verp::strict::{self, KnownReturnPaths};
use crate::verp::{VerpAddress, VerpKeys, VerpParts, VerpRejection};

/// The module.
pub static MODULE: ActionModule = ActionModule {
    info: ModuleInfo {
        name: NAME,
        path: NAME,
        class: "MediaWiki\\Extension\\BounceHandler\\ApiBounceHandler",
        source: Source::BounceHandler,
        help_urls: &[
            "https://www.mediawiki.org/wiki/Special:MyLanguage/Extension:BounceHandler#API",
        ],
        summary: "Takes a mail that came back, and queues a job that acts on it.\n\n\
                  The mail must be a reply to a return path that the wiki made: the address in <samp>To:</samp> is proved. \
                  <samp>submitted</samp> in the answer is <samp>job</samp> if the mail was taken, and \
                  <samp>failure</samp> if the address is none of the wiki's or too old. Only clients with the right address \
                  may use this module.",
        examples: &[(
            "action=bouncehandler&email=This%20is%20a%20test%20email",
            "Hands over a mail.",
        )],
        params: &[ParamSpec::required(EMAIL, ParamKind::Text)
            .help("The mail as it came, headers and all, with its line ends.")],
        must_be_posted: true,
        is_write_mode: true,
        is_internal: true,
        ..ModuleInfo::BASE
    },
    execute,
};

/// Its name.
pub const NAME: &str = "bouncehandler";

/// The param that has the mail.
const EMAIL: &str = "email";

/// The status of `submitted: failure` for those who look at nothing else: the mail cannot be taken, now or later
/// (RFC 9110 section 15.5.21).
const UNPROCESSABLE: u16 = 422;

/// The status of an answer with nothing in it, to a client that may not deliver, for those who look at nothing else.
const FORBIDDEN: u16 = 403;

/// Database, schema and prefix: an identifier with more parts names no database.
const MOST_WIKI_ID_PARTS: usize = 3;

/// What users are looked up as whose number is none: MediaWiki's own for strangers.
const NOBODY: UserId = UserId(0);

/// A bounce with a proved address, which the store has to take.
#[derive(Debug)]
pub struct Submission {
    /// The number of the user, as the log has it.
    user: String,
    user_id: UserId,
    job: NewJob,
}

fn execute(call: &ModuleCall<'_>, answer: &mut Answer) -> Result<Execution, ApiError> {
    if !call.api.internal_ips.contains(call.client) {
        let message = format!("POST received from restricted IP {}", call.client);
        log(call.api, &message);
        let source = &call.request.client_source;
        refuse(&Refusal::of_stranger(
            call.client,
            source,
            &call.api.internal_ips,
        ));
        return match call.api.restricted_ip_response {
            RestrictedIpResponse::Error => Err(ApiError::InternalUseOnly { module: NAME }),
            RestrictedIpResponse::Empty => {
                if answer.has_honest_status {
                    answer.status = Some(FORBIDDEN);
                }
                Ok(Execution::Complete)
            }
        };
    }
    let missing = ApiError::missing(NAME, EMAIL);
    let mail = call.params.text(EMAIL).ok_or(missing)?.as_bytes();
    if let Some(parts) = proved_address(mail, call).map_err(ApiError::Exception)? {
        let submission = submission(&parts, mail, call.request_id)?;
        return Ok(Execution::Submit(submission));
    }
    submitted(&mut answer.result, "failure");
    if answer.has_honest_status {
        answer.status = Some(UNPROCESSABLE);
    }
    Ok(Execution::Complete)
}

/// What the return-path address of the mail says; `None` if it is missing or not to be believed.
fn proved_address(mail: &[u8], call: &ModuleCall<'_>) -> Result<Option<VerpParts>, Exception> {
    if let (Some(known), Ok(keys)) = (&call.api.strict_return_paths, &call.api.verp_keys) {
        return strict_address(mail, call, keys, known);
    }
    // An empty address is refused like a missing one, without a log line (recorded case `verp/to-empty`).
    let Some(to) = header_scan::scan(mail).to.filter(|to| !to.is_empty()) else {
        refuse(&Refusal::without_address(mail));
        return Ok(None);
    };
    let verified = match (VerpAddress::parse(to), &call.api.verp_keys) {
        (Ok(address), Ok(keys)) => address.verify(call.now.unix(), keys),
        (Ok(_), Err(unusable)) => return Err(Exception::UnusableAlgorithm(unusable.clone())),
        (Err(rejection), _) => Err(rejection),
    };
    match verified {
        Ok(parts) => Ok(Some(parts)),
        Err(rejection) => rejected(mail, call, &rejection),
    }
}

/// [`proved_address`], in any form and any field in which a mail server may have left it.
fn strict_address(
    mail: &[u8],
    call: &ModuleCall<'_>,
    keys: &VerpKeys,
    known: &KnownReturnPaths,
) -> Result<Option<VerpParts>, Exception> {
    let values = recipient_fields::scan(mail).map(|field| field.value);
    match strict::find(values, call.now.unix(), keys, known) {
        Ok(found) => Ok(Some(found.parts)),
        Err(Some(rejection)) => rejected(mail, call, &rejection),
        Err(None) => {
            refuse(&Refusal::without_any_address(mail));
            Ok(None)
        }
    }
}

/// Tells why an address is not believed.
fn rejected<T>(
    mail: &[u8],
    call: &ModuleCall<'_>,
    rejection: &VerpRejection,
) -> Result<Option<T>, Exception> {
    if let VerpRejection::NumberTooLarge(error) = rejection {
        return Err(Exception::NumberTooLarge(*error));
    }
    if let Some(line) = rejection.log_line() {
        log(call.api, &line);
    }
    refuse(&Refusal::unproved(mail, rejection));
    Ok(None)
}

fn submission(
    parts: &VerpParts,
    mail: &[u8],
    request_id: &RequestId,
) -> Result<Submission, ApiError> {
    let wiki = String::from_utf8_lossy(&parts.wiki).into_owned();
    if wiki.split('-').count() > MOST_WIKI_ID_PARTS {
        return Err(ApiError::Exception(Exception::MalformedWikiId(wiki)));
    }
    let params = write_params([
        (EMAIL, PhpValue::Str(mail)),
        ("namespace", PhpValue::Int(0)),
        ("title", PhpValue::Str(BOUNCE_HANDLER_TITLE.as_bytes())),
        ("requestId", PhpValue::Str(request_id.as_str().as_bytes())),
    ]);
    Ok(Submission {
        user_id: parts.user.as_u64().map_or(NOBODY, UserId),
        user: parts.user.decimal().to_owned(),
        job: NewJob {
            kind: JobType::BOUNCE_HANDLER,
            wiki: WikiId(wiki),
            params,
            unique: None,
        },
    })
}

/// Looks the user up, as the original does to no purpose but the log; then queues the job, where the wiki is one of ours.
pub(in crate::api) async fn submit(
    submission: Submission,
    store: &Store,
    options: &ApiOptions,
    result: &mut Object,
) -> Result<JobId, ApiError> {
    let Submission { user, user_id, job } = submission;
    if store.user(&job.wiki, user_id).await?.is_none() {
        let wiki = &job.wiki;
        log(
            options,
            &format!("Error fetching email_id of user_id {user} from Database {wiki}."),
        );
    }
    if job.wiki != options.wiki && !options.local_databases.contains(&job.wiki) {
        return Err(ApiError::Exception(Exception::WikiNotLocal(job.wiki.0)));
    }
    let id = store.push(job).await?;
    submitted(result, "job");
    Ok(id)
}

fn submitted(result: &mut Object, outcome: &str) {
    let entry = Object::of([("submitted", Value::text(outcome))]);
    result.set(NAME, Value::Object(entry));
}

fn log(options: &ApiOptions, message: &str) {
    log::info!(target: BOUNCE_HANDLER, wiki = options.wiki.as_str(); "{message}");
}

/// Tells the operator more than the original's channel does.
fn refuse(refusal: &Refusal) {
    let level = if refusal.is_setup_fault {
        log::Level::Warn
    } else {
        log::Level::Info
    };
    log::log!(target: "bounces", level, "{}", refusal.line);
}

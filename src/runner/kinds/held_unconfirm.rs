//! An un-confirmation that waits for a person, as a job: it is listed and carried elsewhere like any other, and never run.

use super::{EndedBy, JobError, JobFuture, Kind};
use crate::decision::domain_of;
use crate::effects::UserId;
use crate::job::signature::JobSignature;
use crate::job::{BOUNCE_HANDLER_TITLE, Job, JobType, NewJob, WikiId};
use crate::php_serialize::{self, PhpArray, PhpValue};
use crate::store::{HeldUnconfirm, User};

/// The job type.
pub fn kind() -> Kind {
    let kind = Kind::new(JobType::HELD_UNCONFIRM, |_job, _params| -> JobFuture<'_> {
        let refused = Err(JobError::failed("it waits for a person's word"));
        Box::pin(std::future::ready(refused))
    });
    Kind {
        ended_by: EndedBy::Person,
        ..kind
    }
}

/// The job that stands for the un-confirmation of a user. One is enough for a user and address.
pub fn job(wiki: &WikiId, user: &User) -> NewJob {
    let kind = JobType::HELD_UNCONFIRM;
    let domain = domain_of(&user.email);
    let params = PhpArray::from_pairs([
        ("domain", PhpValue::Str(domain.as_bytes())),
        ("email", PhpValue::Str(user.email.as_bytes())),
        ("namespace", PhpValue::Int(0)),
        ("title", PhpValue::Str(BOUNCE_HANDLER_TITLE.as_bytes())),
        ("user", PhpValue::Int(user.id.0.cast_signed())),
    ]);
    NewJob {
        unique: Some(JobSignature::of(&kind, &params)),
        kind,
        wiki: wiki.clone(),
        params: php_serialize::write(&PhpValue::Array(params)),
    }
}

/// What a job stands for; `None` if its params are not those of [`job`].
pub fn read(job: &Job) -> Option<HeldUnconfirm> {
    let PhpValue::Array(params) = php_serialize::read(&job.params).ok()? else {
        return None;
    };
    let user = match params.get("user")? {
        PhpValue::Int(number) => UserId(number.cast_unsigned()),
        _ => return None,
    };
    Some(HeldUnconfirm {
        id: job.id,
        wiki: job.wiki.clone(),
        user,
        email: String::from_utf8(params.get_str("email")?.to_vec()).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::job::JobId;

    #[test]
    fn a_held_job_names_whom_it_is_about() {
        let user = User {
            id: UserId(u64::MAX),
            name: "Bob".to_owned(),
            email: "bob@Example.com".to_owned(),
            email_authenticated: None,
            touched: None,
        };
        let wiki = WikiId("w".to_owned());
        let NewJob { kind, params, .. } = job(&wiki, &user);
        let mut job = Job {
            id: JobId(7),
            kind,
            wiki,
            pushed: Timestamp(0),
            params,
        };
        let held = read(&job).unwrap();
        assert_eq!(
            (held.user, held.email.as_str()),
            (user.id, "bob@Example.com")
        );
        job.params = b"a:0:{}".to_vec();
        assert_eq!(read(&job), None);
    }
}

//! Equal jobs: of a type that wants it, one that waits is enough.

use super::changes::Changes;
use super::committer::Committer;
use super::keys;
use crate::job::{JobId, JobType, NewJob};
use crate::store::StoreError;

impl Committer {
    /// The ready job that makes pushing this one needless.
    pub(super) fn ready_twin(&mut self, job: &NewJob) -> Result<Option<JobId>, StoreError> {
        let Some(signature) = &job.unique else {
            return Ok(None);
        };
        let key = keys::signature(&job.kind, &job.wiki, signature);
        let stored = self
            .db
            .get(key)
            .map_err(|error| keys::read_failed(&error))?;
        let twin = stored.and_then(|value| id_of(&value));
        let queue = self.queue(&job.kind);
        Ok(twin.filter(|twin| queue.is_ready(*twin)))
    }

    /// Makes a job that was just pushed the one that later ones are compared with.
    pub(super) fn sign(&mut self, job: &NewJob, id: JobId) -> Result<(), StoreError> {
        let Some(signature) = &job.unique else {
            return Ok(());
        };
        let key = keys::signature(&job.kind, &job.wiki, signature);
        self.insert(keys::signature_of(&job.kind, id), &key)?;
        self.insert(key, &id.0.to_be_bytes())?;
        self.queue(&job.kind).has_signatures = true;
        Ok(())
    }

    /// Pushes a job as one of many changes, and makes it the one that later ones are compared with.
    pub(super) fn add_signed_job(&mut self, changes: &mut Changes, job: &NewJob) {
        let id = self.add_job(changes, job);
        let Some(signature) = &job.unique else {
            return;
        };
        let key = keys::signature(&job.kind, &job.wiki, signature);
        changes.put(keys::signature_of(&job.kind, id), &key);
        changes.put(key, &id.0.to_be_bytes());
        self.queue(&job.kind).has_signatures = true;
    }

    /// A job waits again: it is the one that later ones are compared with, unless an equal one waits already.
    pub(super) fn sign_again(
        &mut self,
        changes: &mut Changes,
        kind: &JobType,
        id: JobId,
    ) -> Result<(), StoreError> {
        if !self.queue(kind).has_signatures {
            return Ok(());
        }
        let get = |key: &[u8]| self.db.get(key).map_err(|error| keys::read_failed(&error));
        let Some(signature) = get(&keys::signature_of(kind, id))? else {
            return Ok(());
        };
        let last = get(&signature)?.and_then(|value| id_of(&value));
        if last.is_none_or(|last| !self.queue(kind).is_ready(last)) {
            changes.put(signature, &id.0.to_be_bytes());
        }
        Ok(())
    }
}

fn id_of(value: &[u8]) -> Option<JobId> {
    Some(JobId(u64::from_be_bytes(value.try_into().ok()?)))
}

//! The brake: un-confirmations of one domain that are too many within an hour wait for a person. Who was to be un-confirmed
//! is stored for that hour, in the same set of changes, so a restart forgets nothing.

use super::NewBounces;
use crate::clock::Timestamp;
use crate::decision::{BRAKE_SPAN, domain_of};
use crate::effects::{HeldBack, UnconfirmBrake, UserId};
use crate::job::WikiId;
use crate::store::StoreError;
use crate::store::sled::changes::Changes;
use crate::store::sled::committer::Committer;
use crate::store::sled::keys;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of an un-confirmation.
pub(super) enum Due {
    /// It is carried out.
    Goes,
    /// It waits from now on.
    Waits(HeldBack),
    /// It has been waiting.
    WaitsAlready,
}

/// The windows that one set of changes looks at. Reading them once is enough: the time does not go on meanwhile.
#[derive(Debug, Default)]
pub(super) struct Windows {
    by_domain: BTreeMap<(WikiId, String), Window>,
    /// Who waits since this set of changes.
    waiting: BTreeSet<(WikiId, UserId)>,
}

/// The last hour of a domain.
#[derive(Debug)]
struct Window {
    /// Who was to be un-confirmed.
    due: BTreeSet<UserId>,
    /// Users of the domain who were confirmed at some time of the hour.
    users: usize,
}

impl NewBounces {
    /// Whether the un-confirmation of a user may go on. Pushes the job that stands for it if it may not.
    pub(super) fn brake(
        &mut self,
        committer: &mut Committer,
        changes: &mut Changes,
        wiki: &WikiId,
        id: UserId,
        brake: &UnconfirmBrake,
    ) -> Result<Due, StoreError> {
        let key = (wiki.clone(), id);
        let Some(user) = committer.users.user(wiki, id)? else {
            return Ok(Due::Goes);
        };
        // Who is not confirmed has nothing to lose.
        if user.email_authenticated.is_none() || self.changed_users.contains_key(&key) {
            return Ok(Due::Goes);
        }
        if self.windows.waiting.contains(&key) || committer.ready_twin(&brake.held)?.is_some() {
            return Ok(Due::WaitsAlready);
        }
        let domain = domain_of(&user.email);
        let now = committer.options.clock.now();
        let window = self.windows.of(committer, changes, wiki, &domain, now)?;
        if window.due.insert(id) {
            changes.put(keys::due_unconfirm(wiki, &domain, now, id), &[]);
        }
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let (due, users) = (count(window.due.len()), count(window.users));
        if !brake.brake.holds(due, users) {
            return Ok(Due::Goes);
        }
        committer.add_signed_job(changes, &brake.held);
        self.windows.waiting.insert(key);
        Ok(Due::Waits(HeldBack {
            name: user.name,
            domain,
            due,
        }))
    }
}

impl Windows {
    /// The window of a domain; what is older is removed from the store.
    fn of(
        &mut self,
        committer: &Committer,
        changes: &mut Changes,
        wiki: &WikiId,
        domain: &str,
        now: Timestamp,
    ) -> Result<&mut Window, StoreError> {
        let key = (wiki.clone(), domain.to_owned());
        match self.by_domain.entry(key) {
            std::collections::btree_map::Entry::Occupied(there) => Ok(there.into_mut()),
            std::collections::btree_map::Entry::Vacant(free) => {
                Ok(free.insert(read(committer, changes, wiki, domain, now)?))
            }
        }
    }
}

fn read(
    committer: &Committer,
    changes: &mut Changes,
    wiki: &WikiId,
    domain: &str,
    now: Timestamp,
) -> Result<Window, StoreError> {
    let begin = now.minus(BRAKE_SPAN);
    let mut due = BTreeSet::new();
    for key in committer
        .db
        .range(keys::due_unconfirms(wiki, domain))
        .keys()
    {
        let key = key.map_err(|error| keys::read_failed(&error))?;
        match keys::time_and_id_in(&key) {
            Some((time, id)) if time > begin => drop(due.insert(UserId(id))),
            Some(_) | None => changes.remove(key),
        }
    }
    let users = committer.users.all(wiki)?;
    let of_domain = users.iter().filter(|user| {
        let counts = user.email_authenticated.is_some() || due.contains(&user.id);
        counts && domain_of(&user.email) == domain
    });
    let users = of_domain.count();
    Ok(Window { due, users })
}

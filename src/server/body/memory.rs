//! The memory that larger bodies take together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The account of all larger bodies (`MaxRequestMemory`).
///
/// Where there is too little for all, the body that is the longest under way gives way. So who keeps bodies unfinished takes
/// no room from others.
#[derive(Debug)]
pub(in crate::server) struct BodyMemory {
    most: usize,
    accounts: Mutex<Accounts>,
}

#[derive(Debug, Default)]
struct Accounts {
    used: usize,
    next: u64,
    /// By their numbers, which grow: the first is the longest under way.
    bodies: BTreeMap<u64, Account>,
}

#[derive(Debug)]
struct Account {
    bytes: usize,
    /// Where to say that the body must give way; `None` once it is whole.
    arriving: Option<Arc<Notify>>,
}

/// What one body takes; it is free again when this goes.
#[derive(Debug)]
pub(super) struct Share {
    memory: Arc<BodyMemory>,
    number: u64,
    revocation: Arc<Notify>,
}

impl BodyMemory {
    /// For at most `most` bytes.
    pub(in crate::server) fn new(most: usize) -> Self {
        Self {
            most,
            accounts: Mutex::default(),
        }
    }

    /// An account for a body that arrives.
    pub(super) fn share(self: &Arc<Self>) -> Share {
        let revocation = Arc::new(Notify::new());
        let account = Account {
            bytes: 0,
            arriving: Some(Arc::clone(&revocation)),
        };
        let mut accounts = self.accounts();
        let number = accounts.next;
        accounts.next = number.saturating_add(1);
        accounts.bodies.insert(number, account);
        drop(accounts);
        Share {
            memory: Arc::clone(self),
            number,
            revocation,
        }
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Takes `bytes` in all; `false` if they are not to be had, or this body has given way itself.
    pub(super) fn grow(&self, bytes: usize) -> bool {
        let mut accounts = self.memory.accounts();
        if !accounts.set(self.number, bytes) {
            return false;
        }
        while accounts.used > self.memory.most {
            match accounts.longest_arriving() {
                Some(number) if number != self.number => accounts.revoke(number),
                Some(_) | None => {
                    accounts.close(self.number);
                    return false;
                }
            }
        }
        true
    }

    /// The body is whole and gives way to nobody any more.
    pub(super) fn settle(&self) {
        let mut accounts = self.memory.accounts();
        if let Some(account) = accounts.bodies.get_mut(&self.number) {
            account.arriving = None;
        }
    }

    /// Waits until the body must give way.
    pub(super) async fn revoked(&self) {
        self.revocation.notified().await;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.memory.accounts().close(self.number);
    }
}

impl Accounts {
    fn set(&mut self, number: u64, bytes: usize) -> bool {
        let Some(account) = self.bodies.get_mut(&number) else {
            return false;
        };
        self.used = self
            .used
            .saturating_sub(account.bytes)
            .saturating_add(bytes);
        account.bytes = bytes;
        true
    }

    fn longest_arriving(&self) -> Option<u64> {
        let arriving = |(_, account): &(&u64, &Account)| account.arriving.is_some();
        self.bodies.iter().find(arriving).map(|(number, _)| *number)
    }

    fn revoke(&mut self, number: u64) {
        if let Some(revocation) = self.close(number).and_then(|account| account.arriving) {
            revocation.notify_one();
        }
    }

    fn close(&mut self, number: u64) -> Option<Account> {
        let account = self.bodies.remove(&number)?;
        self.used = self.used.saturating_sub(account.bytes);
        Some(account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    fn is_revoked(share: &Share) -> bool {
        share.revoked().now_or_never().is_some()
    }

    #[test]
    fn the_longest_under_way_gives_way_to_others() {
        let memory = Arc::new(BodyMemory::new(100));
        let (first, second, third) = (memory.share(), memory.share(), memory.share());
        assert!(first.grow(40) && second.grow(40) && third.grow(20));
        assert!(third.grow(60), "the 40 of the first are free");
        assert!(is_revoked(&first) && !is_revoked(&second) && !is_revoked(&third));
        assert!(!first.grow(1), "what gave way stays out");
        drop(first);
        assert_eq!(memory.accounts().used, 100);
        drop((second, third));
        assert_eq!(memory.accounts().used, 0);
    }

    #[test]
    fn a_body_that_alone_is_too_much_is_refused() {
        let memory = Arc::new(BodyMemory::new(100));
        let share = memory.share();
        assert!(share.grow(100));
        assert!(!share.grow(101));
        assert_eq!(memory.accounts().used, 0);
    }

    #[test]
    fn a_whole_body_gives_way_to_nobody() {
        let memory = Arc::new(BodyMemory::new(100));
        let (whole, other) = (memory.share(), memory.share());
        assert!(whole.grow(80));
        whole.settle();
        assert!(!other.grow(30));
        assert!(!is_revoked(&whole));
        drop(whole);
        assert!(memory.share().grow(30));
    }
}

//! What is in a file for certain, and what may be.

/// Bytes that a disk writes wholly or not at all.
const SECTOR: usize = 512;

/// What becomes of a change that was not yet durable when the power went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Nothing of it is there.
    Dropped,
    /// It is there.
    Kept,
    /// The file has the length that it would have, but not the bytes.
    LengthOnly,
    /// Those sectors are there for which a bit is set, again and again.
    Sectors(u64),
    /// So many thousandths of its bytes are there, and the file ends behind them if it grew.
    Part(u64),
}

/// A change of a file's content.
#[derive(Debug, Clone)]
pub enum Change {
    Write { at: usize, bytes: Vec<u8> },
    SetLength(usize),
}

/// A change that is not durable yet.
#[derive(Debug, Clone)]
pub struct Pending<T> {
    pub call: usize,
    pub ended: bool,
    pub change: T,
}

/// The content of a file.
#[derive(Debug, Default, Clone)]
pub struct Content {
    pub durable: Vec<u8>,
    pub pending: Vec<Pending<Change>>,
}

impl Content {
    /// Makes the changes by these calls durable.
    pub fn make_durable(&mut self, calls: &[usize]) {
        let Self { durable, pending } = self;
        pending.retain(|pending| {
            let now = calls.contains(&pending.call);
            if now {
                apply(durable, &pending.change, Fate::Kept);
            }
            !now
        });
    }

    /// The content, if the pending changes meet these fates.
    pub fn image<'fates>(&self, fates: impl IntoIterator<Item = &'fates Fate>) -> Vec<u8> {
        let mut content = self.durable.clone();
        for (pending, fate) in self.pending.iter().zip(fates) {
            apply(&mut content, &pending.change, *fate);
        }
        content
    }
}

/// The calls of those changes whose call has ended.
pub fn ended<T>(pending: &[Pending<T>]) -> Vec<usize> {
    let ended = pending.iter().filter(|pending| pending.ended);
    ended.map(|pending| pending.call).collect()
}

fn apply(content: &mut Vec<u8>, change: &Change, fate: Fate) {
    match change {
        _ if fate == Fate::Dropped => {}
        Change::SetLength(length) => content.resize(*length, 0),
        Change::Write { at, bytes } => {
            let there = match fate {
                Fate::Part(thousandths) => {
                    bytes.len() * usize::try_from(thousandths).unwrap() / 1000
                }
                _ => bytes.len(),
            };
            if content.len() < at + there {
                content.resize(at + there, 0);
            }
            for (from, to) in parts(*at, there, fate) {
                content[at + from..at + to].copy_from_slice(&bytes[from..to]);
            }
        }
    }
}

/// Which parts of a write that begins at a place reach the disk.
fn parts(at: usize, there: usize, fate: Fate) -> Vec<(usize, usize)> {
    match fate {
        Fate::Dropped | Fate::LengthOnly => Vec::new(),
        Fate::Kept | Fate::Part(_) => vec![(0, there)],
        Fate::Sectors(bits) => {
            let sectors = at / SECTOR..(at + there).div_ceil(SECTOR);
            let kept = sectors.filter(|sector| bits >> (sector % 64) & 1 == 1);
            kept.map(|sector| {
                let from = (sector * SECTOR).max(at) - at;
                (from, ((sector + 1) * SECTOR).min(at + there) - at)
            })
            .collect()
        }
    }
}

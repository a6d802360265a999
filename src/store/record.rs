//! How jobs and their states are encoded. Versioned, checksummed, and refused with a reason if not understood.
//!
//! A job is one *head* and, if it is large, further *pieces*, none longer than [`PIECE_BYTES`]: sled leaves a stray
//! file behind for every larger value. The head carries everything about the job that never changes.

use crate::clock::Timestamp;
use crate::job::state::JobState;
use crate::job::{ClaimToken, Job, JobId, JobType, WikiId};

/// The longest value that is ever stored.
pub const PIECE_BYTES: usize = 4096;

/// The version of the encoding that this program writes.
const VERSION: u8 = 1;

/// version, checksum, piece count, length of the params, time of the push, length of the wiki's name.
const FIXED_BYTES: usize = 1 + 4 + 4 + 8 + 8 + 2;

/// Why stored bytes are no job or no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Shorter or longer than it says, or with a field that makes no sense.
    #[error("it is cut short or garbled")]
    Garbled,
    /// Written by another version of the program.
    #[error("it has version {0}, this program reads version {VERSION}")]
    Version(u8),
    /// The bytes are not those that were written.
    #[error("its checksum does not match")]
    Checksum,
    /// Some of its pieces are not there.
    #[error("{found} of its {expected} pieces are there")]
    Pieces {
        /// Pieces that the head tells of.
        expected: u32,
        /// Pieces that were found.
        found: u32,
    },
}

/// The head of a job as it lies in the store, read but not yet joined with its pieces.
#[derive(Debug)]
pub struct Head<'a> {
    checksum: u32,
    /// How many further pieces belong to the job.
    pub pieces: u32,
    params_len: usize,
    pushed: Timestamp,
    wiki: &'a [u8],
    first: &'a [u8],
}

/// Cuts a job into the value of its head and the values of its further pieces.
pub fn encode_job<'a>(
    wiki: &WikiId,
    pushed: Timestamp,
    params: &'a [u8],
) -> (Vec<u8>, std::slice::Chunks<'a, u8>) {
    let wiki = wiki.0.as_bytes();
    let wiki_len = u16::try_from(wiki.len()).unwrap_or(u16::MAX);
    let wiki = wiki.get(..usize::from(wiki_len)).unwrap_or(wiki);
    let room = PIECE_BYTES
        .saturating_sub(FIXED_BYTES)
        .saturating_sub(wiki.len());
    let (first, rest) = params.split_at(room.min(params.len()));
    let pieces = rest.chunks(PIECE_BYTES);
    let mut head = Vec::with_capacity(
        FIXED_BYTES
            .saturating_add(wiki.len())
            .saturating_add(first.len()),
    );
    head.push(VERSION);
    head.extend_from_slice(&checksum(pushed, wiki, [params]).to_be_bytes());
    head.extend_from_slice(
        &u32::try_from(pieces.len())
            .unwrap_or(u32::MAX)
            .to_be_bytes(),
    );
    head.extend_from_slice(&(params.len() as u64).to_be_bytes());
    head.extend_from_slice(&pushed.0.to_be_bytes());
    head.extend_from_slice(&wiki_len.to_be_bytes());
    head.extend_from_slice(wiki);
    head.extend_from_slice(first);
    (head, pieces)
}

fn checksum<'a>(pushed: Timestamp, wiki: &[u8], params: impl IntoIterator<Item = &'a [u8]>) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&pushed.0.to_be_bytes());
    hasher.update(wiki);
    for part in params {
        hasher.update(part);
    }
    hasher.finalize()
}

/// Reads the value of a head.
pub fn decode_head(value: &[u8]) -> Result<Head<'_>, RecordError> {
    let mut reader = Reader(value);
    match reader.take()? {
        [VERSION] => {}
        [other] => return Err(RecordError::Version(*other)),
    }
    let checksum = u32::from_be_bytes(*reader.take()?);
    let pieces = u32::from_be_bytes(*reader.take()?);
    let params_len = usize::try_from(u64::from_be_bytes(*reader.take()?)).map_err(garbled)?;
    let pushed = Timestamp(i64::from_be_bytes(*reader.take()?));
    let wiki_len = u16::from_be_bytes(*reader.take()?);
    let (wiki, first) = reader
        .0
        .split_at_checked(usize::from(wiki_len))
        .ok_or(RecordError::Garbled)?;
    // A garbled number of pieces is not to be looked for.
    let rest = params_len.checked_sub(first.len());
    if rest.map(|rest| rest.div_ceil(PIECE_BYTES)) != usize::try_from(pieces).ok() {
        return Err(RecordError::Garbled);
    }
    Ok(Head {
        checksum,
        pieces,
        params_len,
        pushed,
        wiki,
        first,
    })
}

fn garbled<E>(_: E) -> RecordError {
    RecordError::Garbled
}

impl Head<'_> {
    /// Joins the head with its further pieces, in order, and checks the whole.
    pub fn join<V: AsRef<[u8]>>(
        &self,
        id: JobId,
        kind: JobType,
        pieces: &[V],
    ) -> Result<Job, RecordError> {
        let found = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        if found != self.pieces {
            return Err(RecordError::Pieces {
                expected: self.pieces,
                found,
            });
        }
        let stored = pieces.iter().fold(self.first.len(), |sum, piece| {
            sum.saturating_add(piece.as_ref().len())
        });
        if stored != self.params_len {
            return Err(RecordError::Garbled);
        }
        let mut params = Vec::with_capacity(stored);
        params.extend_from_slice(self.first);
        for piece in pieces {
            params.extend_from_slice(piece.as_ref());
        }
        if checksum(self.pushed, self.wiki, [params.as_slice()]) != self.checksum {
            return Err(RecordError::Checksum);
        }
        let wiki = WikiId(String::from_utf8(self.wiki.to_vec()).map_err(garbled)?);
        Ok(Job {
            id,
            kind,
            wiki,
            pushed: self.pushed,
            params,
        })
    }
}

/// A state with the error of the last failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredState {
    /// Where the job stands.
    pub state: JobState,
    /// The last failure, empty if there was none.
    pub error: String,
}

/// The longest error text that is kept, so that a state stays within one piece.
const ERROR_BYTES: usize = PIECE_BYTES - 64;

impl StoredState {
    /// The value to store.
    pub fn encode(&self) -> Vec<u8> {
        let (tag, attempts, token, since) = match self.state {
            JobState::Ready { attempts } => (b'r', attempts, 0, Timestamp(0)),
            JobState::Claimed {
                token,
                since,
                attempts,
            } => (b'c', attempts, token.0, since),
            JobState::Delayed { attempts, until } => (b'd', attempts, 0, until),
            JobState::Abandoned {
                attempts,
                since,
                repushed,
            } => (if repushed { b'p' } else { b'a' }, attempts, 0, since),
        };
        let error = self
            .error
            .get(..self.error.floor_char_boundary(ERROR_BYTES))
            .unwrap_or("");
        let mut value = vec![VERSION, tag];
        value.extend_from_slice(&attempts.to_be_bytes());
        value.extend_from_slice(&token.to_be_bytes());
        value.extend_from_slice(&since.0.to_be_bytes());
        value.extend_from_slice(error.as_bytes());
        value.extend_from_slice(&crc32fast::hash(&value).to_be_bytes());
        value
    }

    /// Reads what [`StoredState::encode`] wrote.
    pub fn decode(value: &[u8]) -> Result<Self, RecordError> {
        let (body, sum) = value.split_last_chunk::<4>().ok_or(RecordError::Garbled)?;
        let mut reader = Reader(body);
        let [version, tag] = *reader.take()?;
        if version != VERSION {
            return Err(RecordError::Version(version));
        }
        if crc32fast::hash(body) != u32::from_be_bytes(*sum) {
            return Err(RecordError::Checksum);
        }
        let attempts = u32::from_be_bytes(*reader.take()?);
        let token = ClaimToken(u128::from_be_bytes(*reader.take()?));
        let since = Timestamp(i64::from_be_bytes(*reader.take()?));
        let state = match tag {
            b'r' => JobState::Ready { attempts },
            b'c' => JobState::Claimed {
                token,
                since,
                attempts,
            },
            b'd' => JobState::Delayed {
                attempts,
                until: since,
            },
            b'a' | b'p' => JobState::Abandoned {
                attempts,
                since,
                repushed: tag == b'p',
            },
            _ => return Err(RecordError::Garbled),
        };
        let error = String::from_utf8(reader.0.to_vec()).map_err(garbled)?;
        Ok(Self { state, error })
    }
}

/// A small value with version and checksum around it.
pub fn with_checksum(body: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(body.len().saturating_add(5));
    value.push(VERSION);
    value.extend_from_slice(body);
    value.extend_from_slice(&crc32fast::hash(&value).to_be_bytes());
    value
}

/// What [`with_checksum`] was given.
pub fn without_checksum(value: &[u8]) -> Result<&[u8], RecordError> {
    let (checked, sum) = value.split_last_chunk::<4>().ok_or(RecordError::Garbled)?;
    match checked.split_first() {
        Some((&VERSION, _)) if crc32fast::hash(checked) != u32::from_be_bytes(*sum) => {
            Err(RecordError::Checksum)
        }
        Some((&VERSION, body)) => Ok(body),
        Some((&version, _)) => Err(RecordError::Version(version)),
        None => Err(RecordError::Garbled),
    }
}

/// Numbers of jobs, checksummed.
pub fn encode_ids(ids: &[JobId]) -> Vec<u8> {
    let mut body = Vec::with_capacity(ids.len().saturating_mul(8));
    for id in ids {
        body.extend_from_slice(&id.0.to_be_bytes());
    }
    with_checksum(&body)
}

/// Reads what [`encode_ids`] wrote.
pub fn decode_ids(value: &[u8]) -> Option<Vec<JobId>> {
    let numbers = without_checksum(value).ok()?.chunks(8);
    numbers
        .map(|number| Some(JobId(u64::from_be_bytes(number.try_into().ok()?))))
        .collect()
}

/// Takes fixed fields off the front of a value.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Result<&'a [u8; N], RecordError> {
        let (field, rest) = self
            .0
            .split_first_chunk::<N>()
            .ok_or(RecordError::Garbled)?;
        self.0 = rest;
        Ok(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PUSHED: Timestamp = Timestamp(1_780_272_000);

    fn wiki() -> WikiId {
        WikiId("testwiki".to_owned())
    }

    fn read_back(
        params: &[u8],
        change: impl Fn(&mut Vec<u8>, &mut Vec<Vec<u8>>),
    ) -> Result<Job, RecordError> {
        let (mut head, pieces) = encode_job(&wiki(), PUSHED, params);
        let mut pieces: Vec<Vec<u8>> = pieces.map(<[u8]>::to_vec).collect();
        change(&mut head, &mut pieces);
        assert!(head.len() <= PIECE_BYTES || pieces.is_empty());
        decode_head(&head)?.join(JobId(7), JobType::known("BounceHandlerJob"), &pieces)
    }

    #[test]
    fn a_job_of_any_size_is_read_back_as_it_was() {
        for size in [0, 1, 4000, 4061, 4062, 4096, 10_000, 1_000_000] {
            let params = vec![b'x'; size];
            let job = read_back(&params, |_, _| ()).unwrap();
            assert_eq!(
                (job.params, job.pushed, job.wiki),
                (params, PUSHED, wiki()),
                "{size}"
            );
        }
    }

    #[test]
    fn a_missing_piece_is_named() {
        let result = read_back(&vec![b'x'; 20_000], |_, pieces| drop(pieces.pop()));
        assert_eq!(
            result,
            Err(RecordError::Pieces {
                expected: 4,
                found: 3
            })
        );
    }

    #[test]
    fn an_unknown_version_is_refused() {
        let result = read_back(b"x", |head, _| head[0] = 9);
        assert_eq!(result, Err(RecordError::Version(9)));
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_noticed(params in proptest::collection::vec(any::<u8>(), 0..9000), at in any::<prop::sample::Index>(), flip in 1u8..) {
            let result = read_back(&params, |head, _| { let at = at.index(head.len()); head[at] ^= flip; });
            prop_assert!(result.is_err());
        }

        #[test]
        fn arbitrary_bytes_never_panic(value in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(head) = decode_head(&value) {
                let _ = head.join::<&[u8]>(JobId(1), JobType::known("x"), &[]);
            }
            let _ = StoredState::decode(&value);
        }

        #[test]
        fn numbers_of_jobs_are_read_back_and_a_changed_byte_is_noticed(ids in proptest::collection::vec(any::<u64>(), 0..300), at in any::<prop::sample::Index>(), flip in 1u8..) {
            let ids: Vec<JobId> = ids.into_iter().map(JobId).collect();
            let mut value = encode_ids(&ids);
            prop_assert_eq!(decode_ids(&value), Some(ids));
            let at = at.index(value.len());
            value[at] ^= flip;
            prop_assert_eq!(decode_ids(&value), None);
        }

        #[test]
        fn a_state_is_read_back_as_it_was(attempts in any::<u32>(), token in any::<u128>(), since in any::<i64>(), error in "[a-zé\n]{0,200}", tag in 0..5) {
            let since = Timestamp(since);
            let state = match tag {
                0 => JobState::Ready { attempts },
                1 => JobState::Claimed { token: ClaimToken(token), since, attempts },
                2 => JobState::Delayed { attempts, until: since },
                tag => JobState::Abandoned { attempts, since, repushed: tag == 4 },
            };
            let stored = StoredState { state, error };
            prop_assert_eq!(StoredState::decode(&stored.encode()), Ok(stored));
        }
    }
}

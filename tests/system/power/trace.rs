//! What a run asked of the system, read from what `strace` wrote down.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The calls that change files, make changes durable, or tell somebody something.
pub const CALLS: &str = "pwrite64,pwritev,pwritev2,write,writev,sendto,sendmsg,sendfile,ftruncate,truncate,fallocate,\
    openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat,\
    fsync,fdatasync,sync,syncfs,sync_file_range";

/// Something that was asked of the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// A file was opened; `may_make` if it is made where it is missing, `empties` if its content goes.
    Open {
        file: PathBuf,
        may_make: bool,
        empties: bool,
    },
    /// Bytes were written at a place in a file, or where the last ones ended.
    Write {
        file: PathBuf,
        at: Option<u64>,
        bytes: Vec<u8>,
    },
    /// A file was cut off or grew.
    SetLength { file: PathBuf, length: u64 },
    /// A directory was made.
    MakeDirectory(PathBuf),
    /// A name was changed.
    Rename { from: PathBuf, to: PathBuf },
    /// A name was removed.
    Remove(PathBuf),
    /// What was changed in a file or directory so far is to be made durable.
    Sync(PathBuf),
    /// Somebody outside was told something, over this socket.
    Say { socket: String, bytes: Vec<u8> },
}

/// The beginning or the end of a call, in the order in which they happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// The call with this number began.
    Begin(usize, Call),
    /// It ended.
    End(usize),
}

/// Reads a trace of the files under `root`. Calls that failed are left out.
pub fn read(trace: &str, root: &Path) -> Vec<Moment> {
    let mut reader = Reader::default();
    for line in trace.lines() {
        reader.line(line);
    }
    let calls = reader.calls;
    let mut kept: Vec<Option<Call>> = calls
        .into_iter()
        .map(|(asked, answer)| understand(&asked, answer.as_deref()?, root))
        .collect();
    let mut moments = Vec::new();
    let mut begun = vec![false; kept.len()];
    for (number, begins) in reader.order {
        if begins && let Some(call) = kept[number].take() {
            begun[number] = true;
            moments.push(Moment::Begin(number, call));
        } else if !begins && begun[number] {
            moments.push(Moment::End(number));
        }
    }
    moments
}

#[derive(Default)]
struct Reader {
    /// What was asked, and what was answered.
    calls: Vec<(String, Option<String>)>,
    /// Beginnings and ends of calls.
    order: Vec<(usize, bool)>,
    /// The call that each thread waits for.
    waiting: HashMap<String, usize>,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let (thread, what) = line.split_once(' ').unwrap();
        let what = what.trim_start();
        if what.starts_with("+++") || what.starts_with("---") {
            return;
        }
        if let Some(resumed) = what.strip_prefix("<... ") {
            let number = self.waiting.remove(thread).unwrap();
            let (_, rest) = resumed.split_once(" resumed>").unwrap();
            self.end(number, rest);
        } else if let Some(asked) = what.strip_suffix(" <unfinished ...>") {
            let number = self.begin(asked);
            self.waiting.insert(thread.to_owned(), number);
        } else {
            let number = self.begin("");
            self.end(number, what);
        }
    }

    fn begin(&mut self, asked: &str) -> usize {
        self.calls.push((asked.to_owned(), None));
        let number = self.calls.len() - 1;
        self.order.push((number, true));
        number
    }

    fn end(&mut self, number: usize, rest: &str) {
        let (rest, answer) = rest.rsplit_once(" = ").unwrap();
        let (asked, answered) = &mut self.calls[number];
        asked.push_str(rest.trim_end().trim_end_matches(')'));
        *answered = Some(answer.to_owned());
        self.order.push((number, false));
    }
}

/// What a call means for the files under `root`; nothing if it failed or concerns no such file.
fn understand(asked: &str, answer: &str, root: &Path) -> Option<Call> {
    if answer.starts_with(['-', '?']) {
        return None;
    }
    let (name, arguments) = asked.split_once('(').unwrap();
    let arguments: Vec<&str> = arguments.split(", ").collect();
    let file = |number: usize| Some(path(arguments[number])).filter(|file| file.starts_with(root));
    Some(match name {
        "open" | "openat" | "creat" => Call::Open {
            file: Some(path(answer)).filter(|file| file.starts_with(root))?,
            may_make: name == "creat" || asked.contains("O_CREAT"),
            empties: name == "creat" || asked.contains("O_TRUNC"),
        },
        "write" | "pwrite64" | "sendto" => return written(name, &arguments, answer, root),
        "ftruncate" => Call::SetLength {
            file: file(0)?,
            length: arguments[1].parse().unwrap(),
        },
        "mkdir" => Call::MakeDirectory(file(0)?),
        "rename" => Call::Rename {
            from: file(0)?,
            to: file(1)?,
        },
        "unlink" | "rmdir" => Call::Remove(file(0)?),
        "fsync" | "fdatasync" => {
            // The name of the root itself is in the directory above it.
            let above =
                Some(path(arguments[0])).filter(|file| Some(file.as_path()) == root.parent());
            Call::Sync(above.or_else(|| file(0))?)
        }
        // It promises nothing: neither the disk's own cache nor the length of the file are in it.
        "sync_file_range" => return None,
        _ => {
            let ours = arguments.iter().any(|word| path(word).starts_with(root));
            assert!(!ours, "a call that this test does not know: {name}");
            return None;
        }
    })
}

fn written(name: &str, arguments: &[&str], answer: &str, root: &Path) -> Option<Call> {
    let target = path(arguments[0]);
    let socket = target.to_string_lossy();
    let mut bytes = unhex(arguments[1]);
    bytes.truncate(number(answer));
    if socket.starts_with("socket:") {
        let socket = socket.into_owned();
        return Some(Call::Say { socket, bytes });
    }
    let at = (name == "pwrite64").then(|| arguments[3].parse().unwrap());
    let file = Some(target).filter(|file| file.starts_with(root))?;
    Some(Call::Write { file, at, bytes })
}

/// The path in `"\x2f\x61"` or `4<\x2f\x61>`; strace wrote all bytes in hexadecimal.
fn path(word: &str) -> PathBuf {
    let inner = word
        .split_once('<')
        .map_or(word, |(_, inner)| inner.trim_end_matches('>'));
    PathBuf::from(String::from_utf8(unhex(inner)).unwrap())
}

fn unhex(word: &str) -> Vec<u8> {
    assert!(!word.ends_with("..."), "strace has cut bytes off");
    let digits = word.trim_matches('"').as_bytes();
    let (quads, []) = digits.as_chunks::<4>() else {
        return Vec::new();
    };
    let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or(0);
    let byte = |quad: &[u8; 4]| u8::try_from(value(quad[2]) * 16 + value(quad[3])).unwrap();
    quads.iter().map(byte).collect()
}

fn number(answer: &str) -> usize {
    let digits = answer.split_whitespace().next().unwrap();
    digits.parse().unwrap()
}

//! A disk that loses its power: what is on it for certain, and what may be.

mod content;

pub use content::Fate;

use super::trace::{Call, Moment};
use content::{Change, Content, Pending, ended};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A change of names.
#[derive(Debug, Clone)]
enum NameChange {
    Make(PathBuf, Node),
    Rename(PathBuf, PathBuf, Node),
    Remove(PathBuf),
}

/// What a name stands for: a directory, or the file with this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Directory,
    File(usize),
}

/// The disk under one directory, and the system's view of it.
#[derive(Debug, Default)]
pub struct Disk {
    files: Vec<Content>,
    /// Names that are on the disk, and those that the system shows.
    durable: BTreeMap<PathBuf, Node>,
    shown: BTreeMap<PathBuf, Node>,
    names: Vec<Pending<NameChange>>,
    /// Where the next bytes without a place go.
    ends: HashMap<PathBuf, usize>,
    /// What each sync that has begun will have made durable.
    syncing: HashMap<usize, (PathBuf, Vec<usize>)>,
    /// The file whose syncs count as nothing.
    deaf: Option<PathBuf>,
}

impl Disk {
    /// An empty disk, for which syncs of this file count as nothing.
    pub fn deaf(deaf: Option<&Path>) -> Self {
        Self {
            deaf: deaf.map(Path::to_path_buf),
            ..Self::default()
        }
    }

    /// Carries on by one moment.
    pub fn pass(&mut self, moment: &Moment) {
        match moment {
            Moment::Begin(number, call) => self.begin(*number, call),
            Moment::End(number) => self.end(*number),
        }
    }

    fn begin(&mut self, number: usize, call: &Call) {
        match call {
            Call::Open {
                file,
                may_make,
                empties,
            } => self.open(number, file, *may_make, *empties),
            Call::Write { file, at, bytes } => self.write(number, file, *at, bytes),
            Call::SetLength { file, length } => {
                let length = usize::try_from(*length).unwrap();
                self.change(number, file, Change::SetLength(length));
            }
            Call::MakeDirectory(path) => {
                self.rename(number, NameChange::Make(path.clone(), Node::Directory));
            }
            Call::Rename { from, to } => self.move_name(number, from, to),
            Call::Remove(path) => self.rename(number, NameChange::Remove(path.clone())),
            Call::Sync(path) => {
                let ended = self.ended_changes(path);
                self.syncing.insert(number, (path.clone(), ended));
            }
            Call::Say { .. } => {}
        }
    }

    fn open(&mut self, number: usize, file: &Path, may_make: bool, empties: bool) {
        self.ends.insert(file.to_path_buf(), 0);
        if !self.shown.contains_key(file) && may_make {
            let node = Node::File(self.files.len());
            self.files.push(Content::default());
            self.rename(number, NameChange::Make(file.to_path_buf(), node));
        } else if empties {
            self.change(number, file, Change::SetLength(0));
        }
    }

    fn write(&mut self, number: usize, file: &Path, at: Option<u64>, bytes: &[u8]) {
        let end = self.ends.entry(file.to_path_buf()).or_default();
        let at = at.map_or(*end, |at| usize::try_from(at).unwrap());
        *end = at + bytes.len();
        let bytes = bytes.to_vec();
        self.change(number, file, Change::Write { at, bytes });
    }

    fn move_name(&mut self, number: usize, from: &Path, to: &Path) {
        let node = self.shown[from];
        let open = self.names.iter().any(|name| is_in(&name.change, from));
        assert!(
            !open,
            "a directory is renamed while names in it are not durable"
        );
        let (from, to) = (from.to_path_buf(), to.to_path_buf());
        self.rename(number, NameChange::Rename(from, to, node));
    }

    fn change(&mut self, call: usize, file: &Path, change: Change) {
        // A file without a name is nobody's any more.
        if let Some(Node::File(file)) = self.shown.get(file) {
            self.files[*file].pending.push(Pending {
                call,
                ended: false,
                change,
            });
        }
    }

    fn rename(&mut self, call: usize, change: NameChange) {
        apply_name(&mut self.shown, &change);
        self.names.push(Pending {
            call,
            ended: false,
            change,
        });
    }

    fn ended_changes(&self, path: &Path) -> Vec<usize> {
        match self.shown.get(path) {
            Some(Node::File(file)) => ended(&self.files[*file].pending),
            _ => ended(&self.names),
        }
    }

    fn end(&mut self, number: usize) {
        if let Some((path, calls)) = self.syncing.remove(&number) {
            self.make_durable(&path, &calls);
            return;
        }
        for pending in &mut self.names {
            pending.ended |= pending.call == number;
        }
        for file in &mut self.files {
            for pending in &mut file.pending {
                pending.ended |= pending.call == number;
            }
        }
    }

    fn make_durable(&mut self, path: &Path, calls: &[usize]) {
        if self.deaf.as_deref() == Some(path) {
            return;
        }
        match self.shown.get(path) {
            Some(Node::File(file)) => self.files[*file].make_durable(calls),
            _ => self.names.retain(|pending| {
                let now = calls.contains(&pending.call) && is_in(&pending.change, path);
                if now {
                    apply_name(&mut self.durable, &pending.change);
                }
                !now
            }),
        }
    }

    /// How many changes of names are not durable, and how many changes of each file.
    pub fn pending(&self) -> (usize, Vec<usize>) {
        let files = self.files.iter().map(|file| file.pending.len());
        (self.names.len(), files.collect())
    }

    /// What the changes that are not durable are, and what these fates make of them.
    pub fn tell(&self, names: &[bool], contents: &[Vec<Fate>]) -> String {
        let mut told = String::new();
        for (pending, kept) in self.names.iter().zip(names) {
            write!(
                told,
                "{} {:?}; ",
                if *kept { "with" } else { "without" },
                pending.change
            )
            .unwrap();
        }
        for (path, node) in &self.shown {
            let Node::File(file) = node else { continue };
            let pending = self.files[*file].pending.iter().zip(&contents[*file]);
            let changes = pending.map(|(pending, fate)| match &pending.change {
                Change::Write { at, bytes } => format!("{fate:?} {at}+{}", bytes.len()),
                Change::SetLength(length) => format!("{fate:?} length {length}"),
            });
            let changes: Vec<String> = changes.collect();
            let last = &changes[changes.len().saturating_sub(12)..];
            let name = path.file_name().unwrap().to_string_lossy();
            write!(
                told,
                "{name}: {} changes, {}; ",
                changes.len(),
                last.join(", ")
            )
            .unwrap();
        }
        told
    }

    /// Writes what the disk may hold, if its pending changes meet these fates, into `place`; all paths lie under `root`.
    pub fn write_image(&self, names: &[bool], contents: &[Vec<Fate>], root: &Path, place: &Path) {
        let mut shown = self.durable.clone();
        for (pending, kept) in self.names.iter().zip(names) {
            if *kept {
                apply_name(&mut shown, &pending.change);
            }
        }
        let files = self.files.iter().zip(contents);
        let images: Vec<Vec<u8>> = files.map(|(file, fates)| file.image(fates)).collect();
        for (path, node) in shown {
            let path = place.join(path.strip_prefix(root).unwrap());
            // A name in a directory that is gone is gone.
            match node {
                Node::Directory => drop(fs::create_dir(path)),
                Node::File(file) if path.parent().unwrap().exists() => {
                    fs::write(path, &images[file]).unwrap();
                }
                Node::File(_) => {}
            }
        }
    }

    /// What the system shows: all changes are there. By path under `root`; nothing for a directory.
    pub fn shown(&self, root: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let of = |(path, node): (&PathBuf, &Node)| {
            let content = match node {
                Node::Directory => None,
                Node::File(file) => {
                    Some(self.files[*file].image([&Fate::Kept].into_iter().cycle()))
                }
            };
            (path.strip_prefix(root).unwrap().to_path_buf(), content)
        };
        self.shown.iter().map(of).collect()
    }
}

fn apply_name(names: &mut BTreeMap<PathBuf, Node>, change: &NameChange) {
    match change {
        NameChange::Make(path, node) => {
            names.insert(path.clone(), *node);
        }
        NameChange::Rename(from, to, node) => {
            names.insert(to.clone(), *node);
            // What lies in a directory goes with it.
            let moved: Vec<PathBuf> = names
                .keys()
                .filter(|path| path.starts_with(from))
                .cloned()
                .collect();
            for path in moved {
                let node = names.remove(&path).unwrap();
                let rest = path.strip_prefix(from).unwrap();
                if rest.components().next().is_some() {
                    names.insert(to.join(rest), node);
                }
            }
        }
        NameChange::Remove(path) => {
            names.remove(path);
        }
    }
}

fn is_in(change: &NameChange, directory: &Path) -> bool {
    let path = match change {
        NameChange::Make(path, _) | NameChange::Rename(path, _, _) | NameChange::Remove(path) => {
            path
        }
    };
    path.parent() == Some(directory)
}

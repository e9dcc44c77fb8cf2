//! Goes through the file system ahead of everybody else: one listing a folder, one `stat` an entry. Decides what is left out,
//! counts what there is, and leaves the rest to the workers.

use std::collections::HashMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use holdfast_format::node::NodeType;
use holdfast_format::{Error, Result};
use rustix::fs::{AtFlags, CWD};
use rustix::io::Errno;

use crate::batch::{BATCH, Batch};
use crate::context::Context;
use crate::desk::{self, Desk};
use crate::exclude::{FolderRules, Rules};
use crate::folder::Folder;
use crate::listing::{self, Names};
use crate::meta::Meta;
use crate::path;
use crate::target::Place;
use crate::xattr::words;

/// See the module.
pub struct Walker<'a> {
    context: &'a Context<'a>,
    desk: &'a Desk,
    rules: Rules<'a>,
    working: &'a [u8],
    trusted: HashMap<u64, bool>,
}

/// A folder that is to be opened.
struct Opening {
    parent: Arc<Folder>,
    slot: u32,
    name: Vec<u8>,
    path: Vec<u8>,
}

impl<'a> Walker<'a> {
    /// A walker; `working` is the working directory.
    pub fn new(context: &'a Context<'a>, desk: &'a Desk, rules: Rules<'a>, working: &'a [u8]) -> Self {
        Self { context, desk, rules, working, trusted: HashMap::new() }
    }

    /// Walks the tree of targets to its end.
    pub fn run(&mut self, top: &Place) -> Result<()> {
        let root = Arc::new(Folder::new(None, Vec::new(), b"/".to_vec(), None, top.places.len()));
        if self.places(&root, top)? == 0 {
            return Err(Error::refused("snapshot is empty: everything was left out"));
        }
        self.context.counters.totals_final.store(true, Ordering::Release);
        Ok(())
    }

    /// Saves what lies at the places of the snapshot's top; gives how many there are that were not left out.
    fn places(&mut self, folder: &Arc<Folder>, top: &Place) -> Result<usize> {
        let mut kept = 0;
        for (slot, (name, place)) in top.places.iter().enumerate() {
            self.context.check()?;
            let found = match &place.path {
                Some(path) => self.leaf(folder, slot as u32, name, path, place.explicit)?,
                None => self.between(folder, slot as u32, name, place)?,
            };
            if !found {
                self.push(Batch::left_out(folder.clone(), 1))?;
            }
            kept += usize::from(found);
        }
        Ok(kept)
    }

    /// A folder that only leads to targets.
    fn between(&mut self, parent: &Arc<Folder>, slot: u32, name: &[u8], place: &Place) -> Result<bool> {
        let meta = match rustix::fs::stat(&place.metadata[..]).map(Meta::from) {
            Ok(meta) if meta.kind == NodeType::Dir => meta,
            Ok(_) => return Ok(self.refuse(&parent.shown_entry(name), "path is not a directory")),
            Err(error) => {
                return Ok(self.refuse(&parent.shown_entry(name), &failed("stat", &place.metadata, error)));
            }
        };
        let parent = Some((parent.clone(), slot));
        let mut folder =
            Folder::new(parent, name.to_vec(), place.metadata.clone(), Some(meta), place.places.len());
        folder.lenient = true;
        folder.trusted = self.trusts(&place.metadata, meta.device_id);
        self.places(&Arc::new(folder), place)?;
        Ok(true)
    }

    /// A target.
    fn leaf(
        &mut self,
        parent: &Arc<Folder>,
        slot: u32,
        name: &[u8],
        path: &[u8],
        explicit: bool,
    ) -> Result<bool> {
        let absolute = path::absolute(self.working, path);
        if !explicit && !self.rules.accepts_name(&absolute) {
            return Ok(false);
        }
        let meta = match rustix::fs::lstat(path).map(Meta::from) {
            Ok(meta) => meta,
            Err(Errno::NOENT) => return Ok(false),
            Err(error) => return Ok(self.refuse(&absolute, &failed("lstat", path, error))),
        };
        if !explicit && !self.accepts_leaf(&absolute, &meta) {
            return Ok(false);
        }
        match meta.kind {
            NodeType::Socket => Ok(false),
            NodeType::Dir => {
                let opening =
                    Opening { parent: parent.clone(), slot, name: name.to_vec(), path: path.to_vec() };
                self.folder(opening)
            }
            _ => {
                self.count(&meta);
                self.push(Batch::target(parent.clone(), slot, name, path.to_vec(), meta))?;
                Ok(true)
            }
        }
    }

    fn accepts_leaf(&self, absolute: &[u8], meta: &Meta) -> bool {
        let above = path::folder(absolute);
        let device = rustix::fs::lstat(above).map_or(meta.device_id, |stat| stat.st_dev);
        self.rules.accepts(&self.rules.folder(self.context, above, device), absolute, meta)
    }

    /// Everything in a folder. False when it cannot be read.
    fn folder(&mut self, opening: Opening) -> Result<bool> {
        let Opening { parent, slot, name, path } = opening;
        let mut names = Names::default();
        let opened = listing::open(&path, true)
            .map_err(|error| format!("openfile for readdirnames failed: {}", failed("open", &path, error)));
        let listed = opened.and_then(|open| {
            let meta = rustix::fs::fstat(&open).map_err(|error| failed("stat", &path, error))?;
            let read = names.read(&open).map_err(|error| failed("readdirent", &path, error));
            read.map_err(|error| format!("readdirnames {} failed: {error}", path::text(&path)))?;
            Ok((open, Meta::from(meta)))
        });
        let (open, meta) = match listed {
            Ok(listed) => listed,
            Err(error) => return Ok(self.refuse(&path, &error)),
        };
        self.context.counters.total_dirs.fetch_add(1, Ordering::Relaxed);
        let mut folder = Folder::new(Some((parent, slot)), name, path, Some(meta), names.len());
        folder.trusted = self.trusts(&folder.path, meta.device_id);
        let inner = self.entries(&Arc::new(folder), open.as_fd(), &names)?;
        drop((open, names));
        for opening in inner {
            let parent = opening.parent.clone();
            if !self.folder(opening)? {
                self.push(Batch::left_out(parent, 1))?;
            }
        }
        Ok(true)
    }

    /// Leaves all entries of a folder to the workers but the folders in it, which come back.
    fn entries(&mut self, folder: &Arc<Folder>, open: BorrowedFd<'_>, names: &Names) -> Result<Vec<Opening>> {
        let absolute = path::absolute(self.working, &folder.path);
        let device = folder.meta.map_or(0, |meta| meta.device_id);
        let rules = self.rules.folder(self.context, &absolute, device);
        let mut inner = Vec::new();
        let mut batch = Batch::new(folder.clone());
        let mut path = Vec::new();
        let mut last = None;
        for (slot, name) in names.iter().enumerate() {
            if batch.settled >= BATCH {
                self.push(std::mem::replace(&mut batch, Batch::new(folder.clone())))?;
            }
            path.clear();
            path.extend_from_slice(if absolute == b"/" { b"" } else { &absolute });
            path.push(b'/');
            path.extend_from_slice(name);
            match self.entry(folder, &rules, open, name, &path) {
                Some(_) if last == Some(name) => self.twice(&path, &mut batch),
                Some(meta) if meta.kind == NodeType::Dir => inner.push(Opening {
                    parent: folder.clone(),
                    slot: slot as u32,
                    name: name.to_vec(),
                    path: folder.entry(name),
                }),
                Some(meta) => batch.push(slot as u32, name, meta),
                None => batch.settled += 1,
            }
            last = Some(name);
        }
        if names.len() == 0 {
            batch.settled = 1;
        }
        if batch.settled > 0 {
            self.push(batch)?;
        }
        Ok(inner)
    }

    /// What there is of a name, unless it is left out.
    fn entry(
        &mut self,
        folder: &Folder,
        rules: &FolderRules<'_>,
        open: BorrowedFd<'_>,
        name: &[u8],
        path: &[u8],
    ) -> Option<Meta> {
        if !self.rules.accepts_name(path) {
            return None;
        }
        let meta = match rustix::fs::statat(open, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Meta::from(stat),
            Err(Errno::NOENT) => return None,
            Err(error) => {
                self.context.report(path, &failed("lstat", &folder.entry(name), error));
                return None;
            }
        };
        let accepted = meta.kind != NodeType::Socket && self.rules.accepts(rules, path, &meta);
        if accepted {
            self.count(&meta);
        }
        accepted.then_some(meta)
    }

    /// A file system that lists a name twice: the second is left out.
    fn twice(&self, path: &[u8], batch: &mut Batch) {
        self.context.report(path, "listed twice in its folder");
        batch.settled += 1;
    }

    fn count(&self, meta: &Meta) {
        if meta.kind == NodeType::File {
            self.context.counters.total_files.fetch_add(1, Ordering::Relaxed);
            self.context.counters.total_bytes.fetch_add(meta.size, Ordering::Relaxed);
        }
    }

    fn push(&self, batch: Batch) -> Result<()> {
        self.context.check()?;
        if self.desk.push_batch(batch) { Ok(()) } else { Err(desk::ended()) }
    }

    fn refuse(&self, path: &[u8], error: &str) -> bool {
        self.context.report(path, error);
        false
    }

    /// Whether every change of an attribute shows in the ctime on this device. Asked once a device.
    fn trusts(&mut self, path: &[u8], device: u64) -> bool {
        let rules = self.context.options.change_rules;
        if rules.ignore_ctime || rules.ignore_inode {
            return false;
        }
        *self
            .trusted
            .entry(device)
            .or_insert_with(|| rustix::fs::statfs(path).is_ok_and(|fs| TRUSTED.contains(&fs.f_type)))
    }
}

/// ext4, xfs, btrfs, tmpfs: `f_type` of `statfs`.
const TRUSTED: [rustix::fs::FsWord; 4] = [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994];

/// An error as Go shows it: `open /a: permission denied`.
pub fn failed(operation: &str, path: &[u8], error: Errno) -> String {
    format!("{operation} {}: {}", path::text(path), words(error))
}

/// The same for a place relative to nothing.
pub fn lstat(path: &[u8]) -> Result<Meta, Errno> {
    rustix::fs::statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW).map(Meta::from)
}

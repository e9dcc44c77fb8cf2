//! Snapshots by id, prefix, `latest`, host, tag and path.

use holdfast_backend::Cancel;
use holdfast_format::snapshot::Snapshot;
use holdfast_format::{Error, FileType, Id, Result};

use crate::repository::named;
use crate::{Repository, parallel};

/// `--host`, `--tag`, `--path`: any host, any of the tag lists (all tags of a list; an empty tag: untagged), all paths.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct SnapshotFilter {
    pub hosts: Vec<String>,
    pub tags: Vec<Vec<String>>,
    /// Absolute.
    pub paths: Vec<String>,
}

impl SnapshotFilter {
    /// Whether a snapshot fits.
    pub fn matches(&self, snapshot: &Snapshot) -> bool {
        (self.hosts.is_empty() || self.hosts.contains(&snapshot.hostname))
            && (self.tags.is_empty() || self.tags.iter().any(|list| has_tags(snapshot, list)))
            && self.paths.iter().all(|path| snapshot.paths.contains(path))
    }

    /// As restic shows it.
    fn describe(&self) -> String {
        let tags: Vec<_> = self.tags.iter().map(|list| format!("[{}]", list.join(", "))).collect();
        let (paths, hosts) = (self.paths.join(" "), self.hosts.join(" "));
        format!("snapshot filter (Paths:[{paths}] Tags:[{}] Hosts:[{hosts}])", tags.join(" "))
    }
}

/// All of the tags in order; an empty one ends the list for a snapshot without tags.
fn has_tags(snapshot: &Snapshot, list: &[String]) -> bool {
    if snapshot.tags.is_empty() {
        return list.first().is_none_or(String::is_empty);
    }
    list.iter().all(|tag| snapshot.tags.contains(tag))
}

/// All snapshots, several read at once, oldest first (by time, then id). Unreadable ones come as errors with their ids.
pub fn load_all(repository: &Repository, cancel: &Cancel) -> Result<Vec<(Id, Result<Snapshot>)>> {
    repository.check_process()?;
    let ids: Vec<Id> = repository.backend().list(FileType::Snapshot)?.iter().map(|file| file.id).collect();
    let threads = repository.backend().connections();
    let loaded = parallel::map(&ids, threads, |id| {
        cancel.check()?;
        load(repository, id)
    })?;
    cancel.check()?;
    let mut all: Vec<_> = ids.into_iter().zip(loaded).collect();
    all.sort_by_key(|(id, snapshot)| (snapshot.as_ref().ok().map(|snapshot| snapshot.time.instant()), *id));
    Ok(all)
}

/// One snapshot.
pub fn load(repository: &Repository, id: &Id) -> Result<Snapshot> {
    let json = repository.load_unpacked(FileType::Snapshot, id)?;
    Snapshot::parse(&json).map_err(|error| named(error, &format!("snapshot {id}")))
}

/// `latest` (among those that fit) or a prefix of an id, with restic's `:subfolder` behind it given back.
pub fn find(
    repository: &Repository,
    name: &str,
    filter: &SnapshotFilter,
) -> Result<(Id, Snapshot, Option<String>)> {
    let (name, folder) = name.split_once(':').unwrap_or((name, ""));
    let folder = (!folder.is_empty()).then(|| folder.to_owned());
    if name == "latest" {
        let (id, snapshot) = latest(repository, filter)?;
        return Ok((id, snapshot, folder));
    }
    let id = match Id::parse(name.as_bytes()) {
        Some(id) => id,
        None => find_file(repository, FileType::Snapshot, name)?,
    };
    Ok((id, load(repository, &id)?, folder))
}

/// The last one in time that fits; every snapshot must be readable.
fn latest(repository: &Repository, filter: &SnapshotFilter) -> Result<(Id, Snapshot)> {
    let all = load_all(repository, &Cancel::new())?.into_iter().map(|(id, snapshot)| Ok((id, snapshot?)));
    let all = all.collect::<Result<Vec<_>>>()?;
    let fitting = all.into_iter().rfind(|(_, snapshot)| filter.matches(snapshot));
    fitting.ok_or_else(|| Error::refused(format!("{}: no snapshot found", filter.describe())))
}

/// The full id of a file of a kind, from a prefix that only one file has.
pub fn find_file(repository: &Repository, kind: FileType, prefix: &str) -> Result<Id> {
    repository.check_process()?;
    let files = repository.backend().list(kind)?;
    let mut fitting = files.iter().map(|file| file.id).filter(|id| id.to_string().starts_with(prefix));
    match (fitting.next(), fitting.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(Error::refused(format!("multiple IDs with prefix {prefix:?} found"))),
        (None, _) => Err(Error::refused(format!("no matching ID found for prefix {prefix:?}"))),
    }
}

/// The tree at a path below a tree.
pub fn subtree(repository: &Repository, tree: &Id, path: &str) -> Result<Id> {
    let (mut tree, mut seen) = (*tree, String::new());
    for name in components(path) {
        seen = if seen.is_empty() { name.to_owned() } else { format!("{seen}/{name}") };
        let refused = |why| Error::refused(format!("path {seen}: {why}"));
        let nodes = repository.load_tree(&tree)?;
        let node = nodes.iter().find(|node| node.name == name.as_bytes());
        tree = node.ok_or_else(|| refused("not found"))?.subtree.ok_or_else(|| refused("not a directory"))?;
    }
    Ok(tree)
}

/// Go's `path.Clean`, in parts: nothing above the root.
fn components(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        let at_start = parts.last().is_none_or(|last| *last == "..");
        match part {
            ".." if !at_start => drop(parts.pop()),
            ".." if path.starts_with('/') => {}
            _ => parts.push(part),
        }
    }
    parts
}

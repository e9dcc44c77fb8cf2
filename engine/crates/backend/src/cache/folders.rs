//! All caches of this machine's user: where they are, how old, how big, and the removal of those that nobody uses.

use std::fs::{self, DirEntry};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use holdfast_format::{Error, Result};

/// A cache that was not used for so long is old.
pub const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 3600);

/// The cache of one repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CacheFolder {
    /// Its name: the id of the repository.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// When it was last opened.
    pub used: SystemTime,
}

impl CacheFolder {
    /// Whether nobody used it for so long.
    pub fn is_old(&self, now: SystemTime, age: Duration) -> bool {
        now.duration_since(self.used).is_ok_and(|since| since > age)
    }
    /// Bytes of all files in it.
    pub fn size(&self) -> Result<u64> {
        size(&self.path)
    }
}

/// `RESTIC_CACHE_DIR`, `XDG_CACHE_HOME/restic` or `~/.cache/restic`.
pub fn standard_folder() -> Result<PathBuf> {
    standard_folder_by(|name| std::env::var(name).ok())
}

fn standard_folder_by(variable: impl Fn(&str) -> Option<String>) -> Result<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let below = |name, path: &str| set(name).map(|folder| folder.join(path));
    set("RESTIC_CACHE_DIR")
        .or_else(|| below("XDG_CACHE_HOME", "restic"))
        .or_else(|| below("HOME", ".cache/restic"))
        .ok_or_else(|| {
            Error::refused(
                "no place for the cache: neither RESTIC_CACHE_DIR, XDG_CACHE_HOME nor HOME is set; use --cache-dir or --no-cache",
            )
        })
}

/// All caches in a folder, by name. A folder that is not there has none.
pub fn list(caches: &Path) -> Result<Vec<CacheFolder>> {
    let entries = match fs::read_dir(caches) {
        Err(why) if why.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|why| failure(caches, why))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        found.extend(cache_folder(&entry.map_err(|why| failure(caches, why))?));
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Removes the old ones and gives them.
pub fn remove_old(caches: &Path, now: SystemTime, age: Duration) -> Result<Vec<CacheFolder>> {
    let mut old = list(caches)?;
    old.retain(|cache| cache.is_old(now, age));
    for cache in &old {
        remove(&cache.path)?;
    }
    Ok(old)
}

fn cache_folder(entry: &DirEntry) -> Option<CacheFolder> {
    let name = entry.file_name().into_string().ok().filter(|name| is_cache(name))?;
    let meta = entry.metadata().ok().filter(fs::Metadata::is_dir)?;
    Some(CacheFolder { name, path: entry.path(), used: meta.modified().ok()? })
}

/// An id, or the cache that restic's check makes for itself.
fn is_cache(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()))
        || name.strip_prefix("restic-check-cache-").is_some_and(digits)
}

/// Fine when another process was faster.
fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(why) if why.kind() != ErrorKind::NotFound => Err(failure(folder, why)),
        _ => Ok(()),
    }
}

fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).map_err(|why| failure(folder, why))? {
        let entry = entry.map_err(|why| failure(folder, why))?;
        let meta = entry.metadata().map_err(|why| failure(&entry.path(), why))?;
        bytes += if meta.is_dir() { size(&entry.path())? } else { meta.len() };
    }
    Ok(bytes)
}

fn failure(path: &Path, why: std::io::Error) -> Error {
    Error::local(path.as_os_str().as_encoded_bytes(), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard(set: &[(&str, &str)]) -> Option<PathBuf> {
        let variable =
            |name: &str| set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned());
        standard_folder_by(variable).ok()
    }

    #[test]
    fn the_standard_folder_is_restics() {
        let set = [("RESTIC_CACHE_DIR", "/a"), ("XDG_CACHE_HOME", "/b"), ("HOME", "/c")];
        assert_eq!(standard(&set), Some("/a".into()));
        assert_eq!(standard(&set[1..]), Some("/b/restic".into()));
        assert_eq!(standard(&set[2..]), Some("/c/.cache/restic".into()));
        assert_eq!(standard(&[("RESTIC_CACHE_DIR", ""), ("HOME", "/c")]), Some("/c/.cache/restic".into()));
        assert_eq!(standard(&[]), None);
    }

    #[test]
    fn only_folders_of_caches_are_caches() {
        assert!(is_cache(&"aB".repeat(32)));
        assert!(is_cache("restic-check-cache-123"));
        for other in ["", "CACHEDIR.TAG", "restic-check-cache-", "restic-check-cache-x", &"ag".repeat(32)] {
            assert!(!is_cache(other), "{other}");
        }
    }
}

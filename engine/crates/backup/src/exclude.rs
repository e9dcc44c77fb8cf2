//! What is left out. Names are decided before the file system is asked, the rest by what it says.

use std::collections::HashMap;

use holdfast_format::node::NodeType;
use holdfast_format::{Error, Result};
use rustix::fs::{AtFlags, CWD, OFlags};
use rustix::io::Errno;

use crate::context::Context;
use crate::meta::Meta;
use crate::{Excludes, listing, path, xattr};

const CACHE_TAG: (&[u8], &[u8]) = (b"CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55");

/// The rules of one backup.
pub struct Rules<'a> {
    excludes: &'a Excludes,
    tags: Vec<(&'a [u8], &'a [u8])>,
    devices: HashMap<Vec<u8>, u64>,
}

/// What the rules say of the entries of one folder.
pub struct FolderRules<'a> {
    tags: Vec<&'a [u8]>,
    device: Option<u64>,
    foreign: bool,
}

impl<'a> Rules<'a> {
    /// Rules for targets, given as absolute paths.
    pub fn new(excludes: &'a Excludes, targets: &[Vec<u8>]) -> Result<Self> {
        let given = excludes.if_present.iter().map(|(name, header)| (&name[..], &header[..]));
        let tags = given.chain(excludes.caches.then_some(CACHE_TAG)).collect();
        let devices = if excludes.one_file_system { devices(targets)? } else { HashMap::new() };
        Ok(Self { excludes, tags, devices })
    }

    /// Whether the name of an absolute path leaves it in.
    pub fn accepts_name(&self, path: &[u8]) -> bool {
        let within = |folder: &std::path::PathBuf| {
            let rest = path.strip_prefix(folder.as_os_str().as_encoded_bytes());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
        };
        !self.excludes.folders.iter().any(within)
            && [&self.excludes.patterns, &self.excludes.patterns_ignoring_case]
                .iter()
                .all(|list| list.is_empty() || !list.judge(path).matched)
    }

    /// Looks once at a folder for all of its entries. `device` is the one that it lies on.
    pub fn folder(&self, context: &Context<'_>, path: &[u8], device: u64) -> FolderRules<'a> {
        let tagged = |&(name, header): &(&[u8], &[u8])| is_tagged(context, &path::join(path, name), header);
        let tags = self.tags.iter().copied().filter(tagged).map(|(name, _)| name).collect();
        let allowed = self.allowed(path);
        FolderRules { tags, device: allowed, foreign: allowed.is_some_and(|allowed| allowed != device) }
    }

    /// Whether an entry of a folder is left in.
    pub fn accepts(&self, folder: &FolderRules<'_>, path: &[u8], meta: &Meta) -> bool {
        let name = path::name(path);
        let is_folder = meta.kind == NodeType::Dir;
        let too_large = self.excludes.larger_than.is_some_and(|limit| !is_folder && meta.size > limit);
        let allowed = self.devices.get(path).copied().or(folder.device);
        let elsewhere = allowed.is_some_and(|device| device != meta.device_id);
        let mount_point = is_folder && !folder.foreign;
        !too_large && (!elsewhere || mount_point) && folder.tags.iter().all(|&tag| tag == name)
    }

    /// The device of the nearest target above.
    fn allowed(&self, path: &[u8]) -> Option<u64> {
        if self.devices.is_empty() {
            return None;
        }
        let mut above =
            std::iter::successors(Some(path), |&path| Some(path::folder(path)).filter(|up| *up != path));
        above.find_map(|path| self.devices.get(path)).copied()
    }
}

fn devices(targets: &[Vec<u8>]) -> Result<HashMap<Vec<u8>, u64>> {
    let device = |target: &Vec<u8>| match rustix::fs::lstat(&target[..]) {
        Ok(stat) => Ok((target.clone(), stat.st_dev)),
        Err(error) => Err(Error::local(target, error.into())),
    };
    targets.iter().map(device).collect()
}

/// Whether a file that marks its folder is there and begins as it must. One that does not is told.
fn is_tagged(context: &Context<'_>, tag: &[u8], header: &[u8]) -> bool {
    let warn = |what: &str| context.watcher.warning(tag, what);
    match rustix::fs::statat(CWD, tag, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => return false,
        Err(error) => {
            warn(&format!("could not access exclusion tagfile: {}", xattr::words(error)));
            return false;
        }
        Ok(_) if header.is_empty() => return true,
        Ok(_) => {}
    }
    match begins_with(tag, header) {
        Ok(true) => true,
        Ok(false) => {
            warn("invalid signature in exclusion tagfile");
            false
        }
        Err(error) => {
            warn(&format!("could not read signature from exclusion tagfile: {}", xattr::words(error)));
            false
        }
    }
}

fn begins_with(path: &[u8], header: &[u8]) -> Result<bool, std::io::Error> {
    let file = listing::open_quietly(path, OFlags::empty())?;
    let mut begin = Vec::with_capacity(header.len());
    std::io::Read::read_to_end(
        &mut std::io::Read::take(std::fs::File::from(file), header.len() as u64),
        &mut begin,
    )?;
    Ok(begin == header)
}

//! The first look at what the target holds where an entry belongs.

use std::fs::File;
use std::os::fd::BorrowedFd;
use std::os::unix::fs::FileExt;

use holdfast_format::{BlobType, Id};
use holdfast_kernels::sha256;
use holdfast_repo::Repository;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::Overwrite;
use crate::entry::Time;

/// Blobs of an existing file that are read and hashed together.
const TOGETHER: usize = 3;

/// What is there.
#[derive(Debug)]
pub enum Found {
    /// Nothing, or something that gives way.
    Nothing,
    /// Something that stays as it is.
    Stays,
    /// A file with exactly these contents.
    Right(File),
    /// A regular file that can be changed in place; true for each blob that is right already.
    Differs(Vec<bool>),
    /// Another kind of thing, one of several names of a file, or a file that cannot be read.
    GivesWay,
}

/// What decides.
pub struct Wanted<'a> {
    pub size: u64,
    pub mtime: Time,
    pub blobs: &'a [Id],
}

/// Whether the rule leaves alone what is there.
pub fn stays(rule: Overwrite, there: &Stat, mtime: Time) -> bool {
    match rule {
        Overwrite::Always | Overwrite::IfChanged => false,
        Overwrite::IfNewer => mtime <= modified(there),
        Overwrite::Never => true,
    }
}

/// The entry itself, links not followed.
pub fn at(folder: BorrowedFd<'_>, name: &[u8]) -> Result<Option<Stat>, Errno> {
    match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(there) => Ok(Some(there)),
        Err(Errno::NOENT) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Looks at what is where a file belongs; reads it unless times and size are trusted.
pub fn file(
    repository: &Repository,
    rule: Overwrite,
    folder: BorrowedFd<'_>,
    name: &[u8],
    wanted: &Wanted<'_>,
) -> Result<Found, Errno> {
    let Some(there) = at(folder, name)? else { return Ok(Found::Nothing) };
    if stays(rule, &there, wanted.mtime) {
        return Ok(Found::Stays);
    }
    if FileType::from_raw_mode(there.st_mode) != FileType::RegularFile {
        return Ok(Found::GivesWay);
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(file) = rustix::fs::openat(folder, name, flags, Mode::empty()) else { return Ok(Found::GivesWay) };
    Ok(compare(repository, rule, File::from(file), &there, wanted))
}

fn compare(repository: &Repository, rule: Overwrite, file: File, there: &Stat, wanted: &Wanted<'_>) -> Found {
    let same_size = u64::try_from(there.st_size) == Ok(wanted.size);
    if rule == Overwrite::IfChanged && same_size && modified(there) == wanted.mtime {
        return Found::Right(file);
    }
    let right = right_blobs(repository, &file, wanted.blobs);
    if same_size && right.iter().all(|right| *right) {
        return Found::Right(file);
    }
    if there.st_nlink > 1 { Found::GivesWay } else { Found::Differs(right) }
}

#[allow(clippy::unnecessary_cast, clippy::useless_conversion, reason = "types differ between architectures")]
fn modified(there: &Stat) -> Time {
    (there.st_mtime as i64, there.st_mtime_nsec as u32)
}

/// For each blob, whether the file holds it where it belongs.
pub fn right_blobs(repository: &Repository, file: &File, blobs: &[Id]) -> Vec<bool> {
    let index = repository.index();
    let mut right = vec![false; blobs.len()];
    let mut buffers = vec![Vec::new(); TOGETHER];
    let mut at = 0;
    for (ids, right) in blobs.chunks(TOGETHER).zip(right.chunks_mut(TOGETHER)) {
        let mut read = 0;
        for (id, buffer) in ids.iter().zip(&mut buffers) {
            let Some(place) = index.find(BlobType::Data, id) else { break };
            buffer.resize(place.plain_length() as usize, 0);
            if file.read_exact_at(buffer, at).is_err() {
                break;
            }
            at += buffer.len() as u64;
            read += 1;
        }
        compare_digests(&buffers[..read], &ids[..read], right);
        if read < ids.len() {
            break;
        }
    }
    right
}

fn compare_digests(contents: &[Vec<u8>], ids: &[Id], right: &mut [bool]) {
    let messages: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    let mut digests = [[0; 32]; TOGETHER];
    sha256::many(&messages, &mut digests[..messages.len()]);
    for ((digest, id), right) in digests.iter().zip(ids).zip(right) {
        *right = *digest == id.0;
    }
}

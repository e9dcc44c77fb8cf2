//! A batch being restored: a first look at what is there (and everything that needs no blob), contents, hard links.

use std::collections::HashMap;
use std::os::fd::AsFd;

use holdfast_format::{BlobType, Id, Result};
use holdfast_repo::Place;
use parking_lot::Mutex;

use crate::content::Worker;
use crate::entry::{Entry, What};
use crate::files::{Files, Progress, size};
use crate::folder::Folders;
use crate::look::{self, Found, Wanted};
use crate::metadata::explain;
use crate::pieces::{Pieces, Ranges};
use crate::progress::Counters;
use crate::run::{Run, Verified};
use crate::{parallel, special, verify};

/// Entries that a thread takes at once.
const STEP: usize = 64;
/// For a repository on this machine: what a thread has in memory at once.
const NEAR: Ranges = Ranges { longest: 4 << 20, gap: 64 << 10 };
/// For one that is far, where a request costs more than bytes and is decoded while it comes: a usual pack.
const FAR: Ranges = Ranges { longest: 17 << 20, gap: 1 << 20 };

pub struct Work<'a> {
    run: &'a Run<'a>,
    entries: &'a [Entry],
    blobs: &'a [Id],
    progress: &'a [Progress],
    files: Files<'a>,
    /// Blobs that are right already in the files that are changed in place.
    right: Mutex<HashMap<u32, Vec<bool>>>,
}

impl<'a> Work<'a> {
    pub fn new(run: &'a Run<'a>, entries: &'a [Entry], blobs: &'a [Id], progress: &'a [Progress]) -> Self {
        let files = Files::new(run, entries, progress);
        Self { run, entries, blobs, progress, files, right: Mutex::default() }
    }

    /// Gives the numbers of the files whose contents were restored (or, when verifying, are right).
    pub fn restore(self) -> Result<Vec<u64>> {
        if let Some(verified) = self.run.verified {
            return self.verify(verified);
        }
        self.look()?;
        if !self.run.options.dry_run {
            self.fetch()?;
        }
        self.link()?;
        Ok(self.wanted())
    }

    fn wanted(&self) -> Vec<u64> {
        let wanted = self.entries.iter().zip(self.progress).filter(|(_, progress)| progress.is_wanted());
        wanted.filter_map(|(entry, _)| entry.number()).collect()
    }

    fn verify(&self, verified: Verified<'_>) -> Result<Vec<u64>> {
        self.each(self.entries.len(), |folders, number| {
            let entry = &self.entries[number];
            if entry.number().is_some_and(|number| verified.files.binary_search(&number).is_ok()) {
                Counters::add(&verified.counters.files_verified, 1);
                verify::file(self.run, folders, entry, entry.blobs(self.blobs))?;
                self.progress[number].want(false);
            }
            Ok(())
        })?;
        Ok(self.wanted())
    }

    fn look(&self) -> Result<()> {
        self.each(self.entries.len(), |folders, number| {
            let entry = &self.entries[number];
            match entry.what {
                What::File { .. } => self.look_at_file(folders, number),
                What::Link(_) => Ok(()),
                _ => special::restore(self.run, folders, entry),
            }
        })
    }

    fn link(&self) -> Result<()> {
        self.each(self.entries.len(), |folders, number| match &self.entries[number].what {
            What::Link(first) => special::link(self.run, folders, &self.entries[number], first),
            _ => Ok(()),
        })
    }

    /// Does something to entries in parallel; what fails is told and does not end it.
    fn each(
        &self,
        count: usize,
        work: impl Fn(&mut Folders<'_>, usize) -> Result<(), String> + Sync,
    ) -> Result<()> {
        parallel::each(
            self.run.threads,
            count,
            STEP,
            || self.run.folders(),
            |folders, range| {
                self.run.check()?;
                for number in range {
                    let done = work(folders, number);
                    done.unwrap_or_else(|error| self.run.error(&self.entries[number].path(), error));
                }
                Ok(())
            },
        )
    }

    fn look_at_file(&self, folders: &mut Folders<'_>, number: usize) -> Result<(), String> {
        let (run, entry, progress) = (self.run, &self.entries[number], &self.progress[number]);
        match self.find(folders, entry)? {
            Found::Stays => {
                run.skipped(|| entry.path(), size(entry));
                return Ok(());
            }
            Found::Right(file) => {
                run.skipped(|| entry.path(), size(entry));
                return if run.options.dry_run { Ok(()) } else { run.set_open(entry, file.as_fd()) };
            }
            Found::Nothing | Found::GivesWay => progress.want(false),
            Found::Differs(right) => {
                progress.want(true);
                self.right.lock().insert(number as u32, right);
            }
        }
        self.expect(number);
        Ok(())
    }

    fn find(&self, folders: &mut Folders<'_>, entry: &Entry) -> Result<Found, String> {
        if entry.folder.is_new() {
            return Ok(Found::Nothing);
        }
        let wanted =
            Wanted { size: size(entry), mtime: entry.metadata.mtime, blobs: entry.blobs(self.blobs) };
        let (repository, rule) = (self.run.repository, self.run.options.overwrite);
        folders
            .open(&entry.folder)
            .and_then(|folder| look::file(repository, rule, folder, &entry.name, &wanted))
            .or_else(|error| if error == rustix::io::Errno::NOENT { Ok(Found::Nothing) } else { Err(error) })
            .map_err(|error| explain(("look at", error), self.run.on_disk(&entry.path())))
    }

    /// Counts a file that is to be restored; in a dry run that is all.
    fn expect(&self, number: usize) {
        let (entry, progress) = (&self.entries[number], &self.progress[number]);
        self.run.counters.expect(size(entry));
        if self.run.options.dry_run {
            Counters::add(&self.run.counters.bytes_restored, size(entry));
            self.run.restored(progress.action(), || entry.path(), size(entry));
        }
    }

    fn fetch(&self) -> Result<()> {
        let (pieces, fetches) = self.plan().plan(self.ranges());
        parallel::each(
            self.run.threads,
            fetches.len(),
            1,
            || Worker::new(self.run),
            |worker, range| worker.fetch(&self.files, self.blobs, &pieces, &fetches[range.start]),
        )
    }

    fn ranges(&self) -> Ranges {
        if self.run.repository.backend().folder().is_some() { NEAR } else { FAR }
    }

    /// Where every missing blob lies. A file that cannot be whole is not begun.
    fn plan(&self) -> Pieces {
        let mut pieces = Pieces::default();
        let mut folders = self.run.folders();
        for (number, entry) in (0u32..).zip(self.entries) {
            let progress = &self.progress[number as usize];
            if !progress.is_wanted() {
                continue;
            }
            let planned = self.places(entry).and_then(|places| {
                self.add(&mut pieces, number, &places);
                if progress.is_complete() {
                    self.files.make_without_blobs(&mut folders, number)
                } else {
                    Ok(())
                }
            });
            if let Err(error) = planned {
                progress.refuse();
                self.run.error(&entry.path(), error);
            }
        }
        pieces
    }

    fn places(&self, entry: &Entry) -> Result<Vec<Place>, String> {
        let index = self.run.repository.index();
        let find = |id: &Id| {
            let place = index.find(BlobType::Data, id);
            place.ok_or_else(|| format!("not restored: its blob {id} is in no pack that the index knows"))
        };
        let places = entry.blobs(self.blobs).iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let length: u64 = places.iter().map(|place| u64::from(place.plain_length())).sum();
        if length == size(entry) {
            return Ok(places);
        }
        Err(format!("not restored: it is said to have {} bytes and its blobs have {length}", size(entry)))
    }

    fn add(&self, pieces: &mut Pieces, number: u32, places: &[Place]) {
        let first = self.entries[number as usize].first_blob();
        let right = self.right.lock();
        let right = right.get(&number).map_or(&[][..], Vec::as_slice);
        let (mut at, mut missing, mut kept) = (0, 0, 0);
        for (blob, place) in places.iter().enumerate() {
            let length = u64::from(place.plain_length());
            if right.get(blob) == Some(&true) {
                kept += length;
            } else {
                pieces.add(place, number, first + blob as u32, at);
                missing += 1;
            }
            at += length;
        }
        Counters::add(&self.run.counters.bytes_restored, kept);
        self.progress[number as usize].expect(missing);
    }
}

//! Reads packs and proves them, several at once.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use holdfast_backend::Cancel;
use holdfast_format::{Error, Result};
use holdfast_repo::index::IndexedPack;
use holdfast_repo::{Index, Repository};

use crate::observer::{Level, Phase, Progress};
use crate::options::CheckOptions;
use crate::proof::{AT_ONCE, Prover};
use crate::report::Report;
use crate::subset::Subset;
use crate::used::Used;

/// Proves the chosen ones of the packs that are there.
pub fn read(
    repository: &Repository,
    options: &CheckOptions,
    used: &Used,
    mut packs: Vec<IndexedPack>,
    report: &Report<'_>,
    cancel: &Cancel,
) -> Result<()> {
    if options.read == Subset::Nothing {
        return Ok(());
    }
    let index = repository.index();
    if options.is_filtered() {
        let needed = used.packs(&index);
        packs.retain(|pack| needed.contains(&pack.id));
    }
    let chosen = options.read.choose(packs.clone(), &mut random)?;
    report.say(Level::Plain, &options.read.describe(options.is_filtered(), &packs, &chosen));
    prove_all(repository, &index, &chosen, report, cancel)
}

fn prove_all(
    repository: &Repository,
    index: &Index,
    packs: &[IndexedPack],
    report: &Report<'_>,
    cancel: &Cancel,
) -> Result<()> {
    let (next, state) = (AtomicUsize::new(0), Counted::new(packs));
    report.progress(Phase::Data, state.progress());
    let work = || {
        let mut prover = Prover::new(repository, index);
        while let Some(pack) = packs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if cancel.is_cancelled() {
                return;
            }
            prover.prove(pack).into_iter().for_each(|problem| report.add(problem));
            report.progress(Phase::Data, state.add(pack));
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = repository.backend().connections().max(cores);
    let threads = if repository.backend().folder().is_some() { threads.min(AT_ONCE) } else { threads };
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    cancel.check()
}

/// How much is done.
struct Counted {
    packs: AtomicU64,
    bytes: AtomicU64,
    total: u64,
    bytes_total: u64,
}

impl Counted {
    fn new(packs: &[IndexedPack]) -> Self {
        let bytes_total = packs.iter().map(|pack| pack.size).sum();
        Self { packs: AtomicU64::new(0), bytes: AtomicU64::new(0), total: packs.len() as u64, bytes_total }
    }

    fn add(&self, pack: &IndexedPack) -> Progress {
        self.packs.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(pack.size, Ordering::Relaxed);
        self.progress()
    }

    fn progress(&self) -> Progress {
        let (done, bytes_done) = (self.packs.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed));
        Progress { done, total: self.total, bytes_done, bytes_total: self.bytes_total }
    }
}

/// A number below `n`, which is above 0.
fn random(n: usize) -> Result<usize> {
    let number = getrandom::u64()
        .map_err(|error| Error::refused(format!("the system gave no random numbers: {error}")))?;
    Ok((number % n as u64) as usize)
}

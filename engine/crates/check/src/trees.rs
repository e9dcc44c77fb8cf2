//! From snapshots into every tree, each once, by all cores.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use holdfast_backend::Cancel;
use holdfast_format::node::Node;
use holdfast_format::{BlobType, Error, Id, Result, tree};
use holdfast_repo::{Index, Repository};
use parking_lot::Mutex;

use crate::nodes::Folder;
use crate::observer::{Phase, Progress};
use crate::outcome::Problem;
use crate::queue::{Job, Queue};
use crate::report::Report;
use crate::used::Used;

/// Plain bytes above which only one tree is held at a time.
const HUGE: u32 = 16 << 20;

/// Looks at every tree below the roots.
pub fn walk(
    repository: &Repository,
    roots: &[Id],
    used: &Used,
    report: &Report<'_>,
    cancel: &Cancel,
) -> Result<()> {
    let index = repository.index();
    let queue = Queue::new(roots, |tree| used.meet_tree(&index, tree));
    let walk = Walk { repository, index: &index, used, report, huge: Mutex::new(()) };
    let (done, total) = (AtomicU64::new(queue.done() as u64), roots.len() as u64);
    let tell = |done| report.progress(Phase::Snapshots, Progress { done, total, ..Progress::default() });
    tell(done.load(Ordering::Relaxed));
    let work = || {
        while let Some(job) = queue.take() {
            if cancel.is_cancelled() {
                return queue.stop();
            }
            if queue.finish(job, walk.look(job)) {
                tell(done.fetch_add(1, Ordering::Relaxed) + 1);
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = repository.backend().connections().max(cores);
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    cancel.check()
}

struct Walk<'a> {
    repository: &'a Repository,
    index: &'a Index,
    used: &'a Used,
    report: &'a Report<'a>,
    huge: Mutex<()>,
}

impl Walk<'_> {
    /// Reports what is wrong with a tree; gives the trees in it that were not met before.
    fn look(&self, job: Job) -> Vec<Id> {
        let place = self.index.find(BlobType::Tree, &job.tree);
        let _alone = place.filter(|place| place.plain_length() > HUGE).map(|_| self.huge.lock());
        let mut folder = Folder::default();
        if let Err(error) = self.read(&job.tree, &mut folder) {
            folder.faults.push(cause(error));
        }
        for fault in folder.faults {
            self.report.add(Problem::tree(&job.tree, fault));
        }
        folder.subtrees
    }

    fn read(&self, id: &Id, folder: &mut Folder) -> Result<()> {
        let bytes = self.repository.load_blob(BlobType::Tree, id)?;
        for node in tree::slices(&bytes)? {
            folder.look(&Node::parse(node)?, &|blob| self.used.meet_data(self.index, blob));
        }
        folder.subtrees.retain(|tree| self.used.meet_tree(self.index, tree));
        Ok(())
    }
}

/// Says what is damaged only where it is not the tree itself.
fn cause(error: Error) -> String {
    match error {
        Error::Damaged { what, why } if !what.contains(" in pack ") => {
            format!("failed to decode tree: {why}")
        }
        other => other.to_string(),
    }
}

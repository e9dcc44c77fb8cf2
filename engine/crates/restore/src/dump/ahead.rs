//! Blobs decoded ahead by several threads, handed out in order.

use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use holdfast_format::node::Node;
use holdfast_format::{BlobType, Error, Id, Result};
use holdfast_repo::{Repository, trees};

/// Blobs that may be ready or on their way.
const AHEAD: usize = 8;

/// What comes out, in order.
pub enum Event {
    /// An entry begins.
    Node(Vec<u8>, Box<Node>),
    /// The next contents, as soon as they are decoded.
    Blob(Receiver<Result<Vec<u8>>>),
    /// It ends here, before its time.
    Failed(Error),
}

/// Who decides what comes next.
pub struct Feeder {
    jobs: Sender<(Id, Sender<Result<Vec<u8>>>)>,
    events: Sender<Event>,
}

impl Feeder {
    /// An entry. `Cancelled` when nobody wants more.
    pub fn node(&self, path: &[u8], node: &Node) -> Result<()> {
        self.send(Event::Node(path.to_vec(), Box::new(node.clone())))
    }

    /// Its contents.
    pub fn blobs(&self, node: &Node) -> Result<()> {
        for id in node.content.iter().flatten() {
            let (sender, receiver) = bounded(1);
            self.jobs.send((*id, sender)).map_err(|_| Error::Cancelled)?;
            self.send(Event::Blob(receiver))?;
        }
        Ok(())
    }

    fn send(&self, event: Event) -> Result<()> {
        self.events.send(event).map_err(|_| Error::Cancelled)
    }
}

/// Runs `feed` and the loading threads beside `consume`.
pub fn run(
    repository: &Repository,
    feed: impl FnOnce(&Feeder) -> Result<()> + Send,
    consume: impl FnOnce(Receiver<Event>) -> Result<()>,
) -> Result<()> {
    let (jobs, job) = bounded::<(Id, Sender<Result<Vec<u8>>>)>(AHEAD);
    let (events, event) = bounded(AHEAD);
    thread::scope(|scope| {
        for _ in 0..trees::cores().max(repository.backend().connections().min(AHEAD)) {
            let job = job.clone();
            let load = move || {
                for (id, reply) in job {
                    let _nobody_waits = reply.send(repository.load_blob(BlobType::Data, &id));
                }
            };
            thread::Builder::new().name("dump".into()).spawn_scoped(scope, load).map_err(no_thread)?;
        }
        drop(job);
        let lead = move || {
            let feeder = Feeder { jobs, events };
            if let Err(error) = feed(&feeder) {
                let _nobody_waits = feeder.events.send(Event::Failed(error));
            }
        };
        thread::Builder::new().name("dump".into()).spawn_scoped(scope, lead).map_err(no_thread)?;
        consume(event)
    })
}

fn no_thread(source: std::io::Error) -> Error {
    Error::Local { path: "a thread for reading blobs".into(), source }
}

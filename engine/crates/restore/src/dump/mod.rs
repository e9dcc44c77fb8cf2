//! Files as they are, folders as archives.

mod acl;
mod ahead;
mod archive;
mod find;
mod tar;
mod zip;

use std::io::{self, Write};

use crossbeam_channel::Receiver;
use holdfast_backend::Cancel;
use holdfast_format::node::{Node, NodeType};
use holdfast_format::{Error, Id, Result};
use holdfast_repo::Repository;
use holdfast_repo::walk::{self, Visitor};

use ahead::{Event, Feeder};
pub use find::{Found, find};

/// Kinds of archives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Archive {
    /// With PAX records; owners, modes, links, extended attributes; times to the second.
    #[default]
    Tar,
    /// Deflated; modes and links; times to the second.
    Zip,
}

/// Writes a file's contents. Each blob is proven before it is written; after an error what was written is not whole.
pub fn file(repository: &Repository, node: &Node, out: &mut dyn Write, cancel: &Cancel) -> Result<()> {
    ahead::run(
        repository,
        |feeder| feeder.blobs(node),
        |events| {
            for event in events {
                cancel.check()?;
                match event {
                    Event::Blob(blob) => out.write_all(&receive(&blob)?).map_err(output)?,
                    Event::Failed(error) => return Err(error),
                    Event::Node(..) => {}
                }
            }
            out.flush().map_err(output)
        },
    )
}

/// Writes everything in a tree, which lies at `path` in its snapshot, as an archive: files, folders and symbolic links,
/// with the paths that they have in the snapshot. Other kinds are left out, hard links are files of their own, as in
/// restic.
pub fn folder(
    repository: &Repository,
    tree: &Id,
    path: &[u8],
    archive: Archive,
    out: &mut dyn Write,
    cancel: &Cancel,
) -> Result<()> {
    let out = io::BufWriter::with_capacity(256 << 10, out);
    let mut writer: Box<dyn archive::Writer + '_> = match archive {
        Archive::Tar => Box::new(tar::Tar::new(out)),
        Archive::Zip => Box::new(zip::Zip::new(out)),
    };
    ahead::run(
        repository,
        |feeder| walk::walk(repository, tree, path, &mut Feeding { feeder }, cancel),
        |events| pack(events, &mut *writer),
    )
}

struct Feeding<'a> {
    feeder: &'a Feeder,
}

impl Visitor for Feeding<'_> {
    fn visit(&mut self, path: &[u8], node: &Node, _parent: &Id) -> Result<()> {
        if !matches!(node.kind, NodeType::File | NodeType::Dir | NodeType::Symlink) {
            return Ok(());
        }
        self.feeder.node(path, node)?;
        if node.kind == NodeType::File { self.feeder.blobs(node) } else { Ok(()) }
    }
}

/// An entry that is being written, and the bytes that it still must get.
type Current = Option<(Vec<u8>, u64)>;

fn pack(events: Receiver<Event>, writer: &mut dyn archive::Writer) -> Result<()> {
    let mut current: Current = None;
    for event in events {
        match event {
            Event::Node(path, node) => {
                end(&mut current, writer)?;
                let name = path.strip_prefix(b"/").unwrap_or(&path);
                writer.begin(name, &node).map_err(|error| Error::local(&path, error))?;
                current = Some((path, if node.kind == NodeType::File { node.size } else { 0 }));
            }
            Event::Blob(blob) => {
                let bytes = receive(&blob)?;
                let rest = current.as_mut().and_then(|(path, rest)| {
                    *rest = rest.checked_sub(bytes.len() as u64).ok_or(path).ok()?;
                    Some(())
                });
                if rest.is_none() {
                    return Err(wrong_size(&current));
                }
                writer.write(&bytes).map_err(output)?;
            }
            Event::Failed(error) => return Err(error),
        }
    }
    end(&mut current, writer)?;
    writer.finish().map_err(output)
}

fn end(current: &mut Current, writer: &mut dyn archive::Writer) -> Result<()> {
    match current {
        Some((_, 0)) => writer.end().map_err(output),
        Some(_) => Err(wrong_size(current)),
        None => Ok(()),
    }
}

fn wrong_size(current: &Current) -> Error {
    let path = current.as_ref().map_or(&b""[..], |(path, _)| path);
    Error::damaged(path.escape_ascii().to_string(), "its size is not that of its blobs together")
}

fn receive(blob: &Receiver<Result<Vec<u8>>>) -> Result<Vec<u8>> {
    blob.recv().unwrap_or(Err(Error::Cancelled))
}

fn output(source: io::Error) -> Error {
    Error::Local { path: "output".into(), source }
}

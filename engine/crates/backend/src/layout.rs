//! restic's one layout: where a file lies below the root of a repository, the same in a folder and in a bucket.

use holdfast_format::{FileType, Id};

use crate::Handle;

/// The kinds that are folders.
pub const FOLDERS: [FileType; 5] =
    [FileType::Key, FileType::Pack, FileType::Index, FileType::Snapshot, FileType::Lock];

/// `config`, `keys/<id>`, `data/<2 hex>/<id>` … below the root.
pub fn path(file: &Handle) -> String {
    let folder = file.kind.folder();
    match file.kind {
        FileType::Config => folder.to_owned(),
        FileType::Pack => nested(folder, &file.id),
        _ => format!("{folder}/{}", file.id),
    }
}

/// `<folder>/<2 hex>/<id>`.
pub fn nested(folder: &str, id: &Id) -> String {
    format!("{folder}/{:02x}/{id}", id.0[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_restics() {
        let id = Id([0xab; 32]);
        let hex = "ab".repeat(32);
        let path_of = |kind| path(&Handle::new(kind, id));
        assert_eq!(path(&Handle::config()), "config");
        assert_eq!(path_of(FileType::Pack), format!("data/ab/{hex}"));
        assert_eq!(path_of(FileType::Index), format!("index/{hex}"));
        assert_eq!(path_of(FileType::Snapshot), format!("snapshots/{hex}"));
        assert_eq!(path_of(FileType::Lock), format!("locks/{hex}"));
        assert_eq!(path_of(FileType::Key), format!("keys/{hex}"));
    }
}

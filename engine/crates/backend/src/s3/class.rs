//! In which storage class a file is kept.

use holdfast_format::{Error, FileType, Result};
use reqwest::header::HeaderValue;

use crate::Handle;

/// What `-o s3.storage-class` says.
#[derive(Clone, Debug)]
pub struct Class {
    name: HeaderValue,
    /// Objects must be brought back before they can be read: for contents of files only.
    is_archive: bool,
}

impl Class {
    /// Empty is the server's own choice.
    pub fn parse(name: &str) -> Result<Option<Self>> {
        if name.is_empty() {
            return Ok(None);
        }
        let value = HeaderValue::try_from(name).map_err(|_| {
            Error::refused(format!("option s3.storage-class={name:?}: the value must be the name of a class"))
        })?;
        Ok(Some(Self { name: value, is_archive: matches!(name, "GLACIER" | "DEEP_ARCHIVE") }))
    }

    /// The class of a file.
    pub fn of(&self, file: &Handle) -> Option<HeaderValue> {
        let is_data = file.kind == FileType::Pack && !file.tree_pack;
        (is_data || !self.is_archive).then(|| self.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_format::Id;

    #[test]
    fn only_packs_of_data_are_archived() {
        let of = |class: &str, file: &Handle| Class::parse(class).unwrap().unwrap().of(file).is_some();
        let (data, trees) = (Handle::new(FileType::Pack, Id::default()), Handle::tree_pack(Id::default()));
        for class in ["GLACIER", "DEEP_ARCHIVE"] {
            assert!(of(class, &data) && !of(class, &trees) && !of(class, &Handle::config()), "{class}");
        }
        assert!(
            of("STANDARD_IA", &data) && of("STANDARD_IA", &trees) && of("STANDARD_IA", &Handle::config())
        );
        assert!(Class::parse("").unwrap().is_none());
        assert!(Class::parse("A\nB").is_err());
    }
}

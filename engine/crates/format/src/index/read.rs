//! Reading an index file in one pass: only the blobs of one pack are kept.

use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::error::{Error, Result};
use crate::id::Id;
use crate::kinds::BlobType;
use crate::pack::PackedBlob;

type TakePack<'a> = &'a mut dyn FnMut(Id, &[PackedBlob]) -> Result<()>;

/// Reads the whole document.
pub fn document(json: &[u8], take: TakePack<'_>) -> Result<()> {
    let mut reader = Reader { take, refusal: None, blobs: Vec::new() };
    let mut document = serde_json::Deserializer::from_slice(json);
    let read = document.deserialize_map(Document(&mut reader)).and_then(|()| document.end());
    match reader.refusal {
        Some(refusal) => Err(refusal),
        None => read.map_err(|e| Error::damaged("an index file", e.to_string())),
    }
}

/// What goes along.
struct Reader<'a> {
    take: TakePack<'a>,
    /// What `take` answered when it wanted no more.
    refusal: Option<Error>,
    /// Of one pack; the memory is kept for the next.
    blobs: Vec<PackedBlob>,
}

impl Reader<'_> {
    fn hand_out<E: serde::de::Error>(&mut self, id: Option<Id>) -> Result<(), E> {
        let id = id.ok_or_else(|| E::missing_field("id"))?;
        (self.take)(id, &self.blobs).map_err(|refusal| {
            self.refusal = Some(refusal);
            E::custom("not wanted")
        })
    }
}

/// `{"packs":[…]}`
struct Document<'a, 'b>(&'a mut Reader<'b>);
/// `[{"id":…,"blobs":[…]}]`
struct Packs<'a, 'b>(&'a mut Reader<'b>);
/// `{"id":…,"blobs":[…]}`
struct Pack<'a, 'b>(&'a mut Reader<'b>);
/// `[{"id":…,"type":…,"offset":…,"length":…,"uncompressed_length":…}]`
struct Blobs<'a>(&'a mut Vec<PackedBlob>);

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Packs,
    Id,
    Blobs,
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct BlobJson {
    id: Id,
    #[serde(rename = "type")]
    kind: BlobType,
    offset: u32,
    length: u32,
    #[serde(default)]
    uncompressed_length: u32,
}

impl From<BlobJson> for PackedBlob {
    fn from(blob: BlobJson) -> Self {
        let uncompressed = Some(blob.uncompressed_length).filter(|n| *n > 0);
        Self { id: blob.id, kind: blob.kind, offset: blob.offset, length: blob.length, uncompressed }
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with packs")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(field) = map.next_key()? {
            match field {
                Field::Packs => map.next_value_seed(Packs(self.0))?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Packs<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Packs<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of packs")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut packs: A) -> Result<(), A::Error> {
        while packs.next_element_seed(Pack(self.0))?.is_some() {}
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Pack<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Pack<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pack with id and blobs")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut id = None;
        self.0.blobs.clear();
        while let Some(field) = map.next_key()? {
            match field {
                Field::Id => id = Some(map.next_value()?),
                Field::Blobs => map.next_value_seed(Blobs(&mut self.0.blobs))?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        self.0.hand_out(id)
    }
}

impl<'de> DeserializeSeed<'de> for Blobs<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Blobs<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of blobs")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut blobs: A) -> Result<(), A::Error> {
        while let Some(blob) = blobs.next_element::<BlobJson>()? {
            self.0.push(blob.into());
        }
        Ok(())
    }
}

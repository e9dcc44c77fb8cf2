//! Index files: which pack holds which blob.

use crate::error::{Error, Result};
use crate::id::Id;
use crate::json::{self, Object};
use crate::pack::PackedBlob;

mod read;

/// restic's JSON of one index file.
pub fn encode(packs: &[(Id, Vec<PackedBlob>)]) -> Vec<u8> {
    let mut json = Vec::new();
    let mut object = Object::begin(&mut json);
    json::list(packs, object.field("packs"), write_pack);
    object.end();
    json.push(b'\n');
    json
}

fn write_pack((id, blobs): &(Id, Vec<PackedBlob>), out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    object.id("id", id);
    json::list(blobs, object.field("blobs"), write_blob);
    object.end();
}

fn write_blob(blob: &PackedBlob, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    object.id("id", &blob.id);
    object.string("type", blob.kind.name());
    object.number("offset", blob.offset.into());
    object.number("length", blob.length.into());
    object.some_number("uncompressed_length", blob.uncompressed.unwrap_or(0).into());
    object.end();
}

/// Hands out pack after pack without building the whole document. Unknown fields are skipped (rustic's too);
/// the oldest form (a bare list) is `Refused`.
pub fn decode(json: &[u8], pack: &mut dyn FnMut(Id, &[PackedBlob]) -> Result<()>) -> Result<()> {
    if json.trim_ascii_start().starts_with(b"[") {
        return Err(Error::refused(
            "an index file has the form of restic before 0.2; rewrite the index with `restic repair index`",
        ));
    }
    read::document(json, pack)
}

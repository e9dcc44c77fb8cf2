"""Tarballs that are written here, read by the standard library and by our own reader."""

from __future__ import annotations

import tarfile
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from holdfast.archive.paths import ItemKey
from holdfast.archive.tarballs import entries, items
from holdfast.archive.writing import ArchiveWriter, header

NAME = st.text("abcdefghijklmnopqrstuvwxyz0123456789-.:", min_size=1, max_size=253).filter(
    lambda name: name not in {".", ".."}
)
KEYS = st.builds(
    ItemKey, st.sampled_from(["pods", "deployments.apps", "widgets.acme.example"]), st.just("") | NAME, NAME
)
ITEMS = st.dictionaries(KEYS, st.binary(max_size=2000), max_size=8)


def written(contents: dict[ItemKey, bytes]) -> bytes:
    out = BytesIO()
    writer = ArchiveWriter(out, mtime=1_700_000_000)
    for key, body in contents.items():
        writer.add(key, "v1", body)
    writer.finish()
    return out.getvalue()


@given(ITEMS)
def test_what_was_written_is_read(contents: dict[ItemKey, bytes]) -> None:
    packed = written(contents)
    assert {e.place.key: e.body for e in items([packed], title="it")} == contents
    assert sum(1 for _ in entries([packed], title="it")) == 2 * len(contents)


@given(ITEMS)
def test_the_standard_library_reads_it(contents: dict[ItemKey, bytes]) -> None:
    with tarfile.open(fileobj=BytesIO(written(contents))) as tar:
        members = tar.getmembers()
        assert [m.name for m in members][:1] == ["metadata/version"]
        assert len(members) == 1 + 2 * len(contents)
        assert all(m.isreg() and m.mode == 0o755 and m.mtime == 1_700_000_000 for m in members)


@given(NAME, st.integers(0, 2**33 - 1))
def test_a_header_is_what_the_standard_library_makes(name: str, size: int) -> None:
    ours = tarfile.TarInfo.frombuf(header(name[:100], size, 5), "utf-8", "strict")
    assert (ours.name, ours.size, ours.mtime, ours.mode) == (name[:100].rstrip("\0"), size, 5, 0o755)

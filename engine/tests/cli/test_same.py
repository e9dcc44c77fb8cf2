"""The same command lines on the same repository: what restic 0.19.1 prints is what is printed here."""

import re
from pathlib import Path
from typing import Any

import pytest
from support.repositories import Ended, Program

from holdfast.cli.repo.counted import progress_line
from holdfast_engine import StatsProgress

LISTINGS = [
    ["snapshots"],
    ["snapshots", "--compact"],
    ["snapshots", "--group-by", "host,tags"],
    ["snapshots", "--group-by", "paths"],
    ["snapshots", "--latest", "1"],
    ["snapshots", "--tag", "nightly", "latest"],
    ["snapshots", "--tag", "nothing"],
    ["ls", "latest"],
    ["ls", "latest", "--long"],
    ["ls", "latest", "--long", "--human-readable"],
    ["ls", "latest", "--sort", "size"],
    ["ls", "latest", "--sort", "extension", "--reverse"],
    ["ls", "latest", "--reverse"],
    ["ls", "latest", "/documents"],
    ["ls", "latest", "/documents", "--recursive"],
    ["ls", "latest", "/documents/sub", "/documents/notes.txt"],
    ["ls", "latest", "/nowhere"],
    ["ls", "latest:/documents/sub"],
    ["find", "notes.txt"],
    ["find", "--long", "--reverse", "*"],
    ["find", "--ignore-case", "NOTES*"],
    ["find", "--oldest", "2020-01-01", "--newest", "2100-01-01 10:00", "notes.txt"],
    ["find", "nothing"],
    ["stats"],
    ["stats", "latest", "--mode", "raw-data"],
    ["stats", "--mode", "files-by-contents"],
    ["stats", "--mode", "blobs-per-file"],
    ["key", "list"],
    ["cat", "config"],
    ["check"],
    ["check", "--read-data"],
    ["unlock"],
]
PROGRESS = re.compile(r"^(\[\d+:\d\d\].*|using temporary cache.*)\n", re.MULTILINE)
"""Lines that say how long something took or where it was done."""


def without_progress(ended: Ended) -> Ended:
    return ended._replace(out=PROGRESS.sub("", ended.out))


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("words", LISTINGS, ids=" ".join)
def test_text(words: list[str], holdfast: Program, restic: Program) -> None:
    assert without_progress(holdfast(*words)) == without_progress(restic(*words))


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("words", LISTINGS, ids=" ".join)
def test_json(words: list[str], holdfast: Program, restic: Program) -> None:
    ours, theirs = holdfast("--json", *words), restic("--json", *words)
    assert (ours.code, ours.documents) == (theirs.code, theirs.documents)


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("kind", ["blobs", "packs", "index", "snapshots", "keys", "locks"])
def test_ids(kind: str, holdfast: Program, restic: Program) -> None:
    ours, theirs = holdfast("list", kind), restic("list", kind, "--no-lock")
    assert ours.code == theirs.code == 0
    assert sorted(ours.out.splitlines()) == sorted(theirs.out.splitlines())


@pytest.mark.usefixtures("saved")
def test_what_is_stored(holdfast: Program, restic: Program) -> None:
    for kind in ("snapshot", "index", "key"):
        name = restic(
            "list", "snapshots" if kind == "snapshot" else f"{kind}s".replace("indexs", "index")
        ).out
        words = ["cat", kind, name.split()[0]]
        assert holdfast(*words) == restic(*words)


@pytest.mark.usefixtures("saved")
def test_ncdu(holdfast: Program, restic: Program) -> None:
    assert holdfast("ls", "latest", "--ncdu") == restic("ls", "latest", "--ncdu")


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("kind", ["blob", "tree", "pack"])
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_objects(kind: str, form: list[str], holdfast: Program, restic: Program) -> None:
    listed = restic("list", "packs" if kind == "pack" else "blobs").out.splitlines()
    (name, *_) = [
        line.split()[-1] for line in listed if kind in {"pack", line.split()[0].replace("data", "blob")}
    ]
    words = [*form, "find", f"--{kind}", name]
    assert sorted(holdfast(*words).out.splitlines()) == sorted(restic(*words).out.splitlines())


@pytest.mark.parametrize("form", [[], ["--metadata"], ["--json"]], ids=" ".join)
def test_differences(form: list[str], saved: Path, holdfast: Program, restic: Program) -> None:
    del saved
    first, second = [snapshot["id"] for snapshot in restic("--json", "snapshots").documents[0]]
    words = ["diff", *form, first, second]
    assert holdfast(*words) == restic(*words)


def shape(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Keys and types."""
    match value:
        case dict():
            return {name: shape(inner) for name, inner in value.items()}
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case list():
            return [shape(inner) for inner in value[:1]]
        case _:
            return type(value).__name__


@pytest.mark.parametrize("flags", [[], ["-vv"], ["--skip-if-unchanged"]], ids=" ".join)
def test_a_backup_is_told_alike(flags: list[str], saved: Path, holdfast: Program, restic: Program) -> None:
    del saved
    words = ["--json", "backup", "documents", *flags]
    ours, theirs = holdfast(*words), restic(*words)
    assert ours.code == theirs.code
    assert shapes(ours) == shapes(theirs)


def shapes(ended: Ended) -> dict[str, Any]:
    """Of each kind of message but `status`, whose keys are those that are not zero."""
    return {
        document.get("action", document["message_type"]): shape(document)
        for document in ended.documents
        if document["message_type"] != "status"
    }


def test_a_restore_is_told_alike(saved: Path, holdfast: Program, restic: Program) -> None:
    del saved
    ours = holdfast("--json", "-vv", "restore", "latest", "--target", "ours")
    theirs = restic("--json", "-vv", "restore", "latest", "--target", "theirs")
    assert ours.code == theirs.code == 0
    assert shapes(ours) == shapes(theirs)


def test_a_new_repository_is_told_alike(holdfast: Program, restic: Program) -> None:
    ours, theirs = holdfast("--json", "init", "-r", "a"), restic("--json", "init", "-r", "b")
    assert shapes(ours) == shapes(theirs)


def test_a_verified_restore_is_told_alike(saved: Path, holdfast: Program, restic: Program) -> None:
    del saved
    ours = holdfast("restore", "latest", "--verify", "--target", "ours")
    theirs = restic("restore", "latest", "--verify", "--target", "theirs")
    assert ours.code == theirs.code == 0
    times = re.compile(r"took [^)]+|in \d:\d\d$", re.MULTILINE)
    assert times.sub("", ours.out) == times.sub("", theirs.out.replace("theirs", "ours"))
    assert "finished verifying 2 files in ours" in ours.out


def test_how_far_counting_is() -> None:
    """A line of restic 0.19.1, of which there may be none when counting is quick."""
    progress = StatsProgress(2, 12, files=7864, blobs=0, bytes=47_561, seconds=0.5)
    assert progress_line(progress) == "[0:00] 8.33%  2 / 12 snapshots, 7864 files, 46.446 KiB"

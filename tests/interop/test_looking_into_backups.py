"""Looking into backups that the real Velero made, by the program as people type it."""

from __future__ import annotations

import gzip
import json
import shutil
import tarfile
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import pytest
import yaml
from cluster.cli.program import Ended, Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from interop.conftest import Shelf

pytestmark = pytest.mark.cluster


@pytest.fixture
def holdfast(shelf: Shelf) -> Program:
    """With the cluster's location."""
    return Program(shelf.sandbox.kubeconfig, "shop")


def contents(shelf: Shelf, name: str) -> dict[str, bytes]:
    """The files of a tarball, by a reader of another kind than ours."""
    with tarfile.open(shelf.folder / "backups" / name / f"{name}.tar.gz") as tar:
        return {m.name: cast("Any", tar.extractfile(m)).read() for m in tar.getmembers()}


def path_of(item: dict[str, str]) -> str:
    place = f"namespaces/{item['namespace']}" if item["namespace"] else "cluster"
    return f"resources/{item['resource']}/{place}/{item['name']}.json"


def said(ended: Ended) -> str:
    assert ended.code == 0, ended.err
    return ended.out


async def test_get_shows_what_veleros_own_list_shows(shelf: Shelf, holdfast: Program) -> None:
    listed = (await holdfast("backup", "get", "-o", "json")).json["items"]
    theirs = json.loads(await shelf.velero("backup", "get", "-o", "json"))["items"]
    assert {b["metadata"]["name"]: b["status"] for b in listed} == {
        b["metadata"]["name"]: b["status"] for b in theirs
    }
    table = (await holdfast("backup", "get")).rows
    assert [row[:2] for row in table] == [["nightly", "Completed"], ["weekly", "Completed"]]


async def test_ls_lists_every_item_once(shelf: Shelf) -> None:
    everywhere = Program(shelf.sandbox.kubeconfig)
    wanted = {path for path in contents(shelf, "nightly") if path.startswith("resources/")}
    plain = {path for path in wanted if "preferredversion" not in path}
    line = "command holdfast backup ls nightly -o json"
    listed = json.loads(said(await everywhere.shell(line, "shop")))
    assert {path_of(item) for item in listed} == plain
    assert len(listed) == len(plain)


async def test_ls_by_kind_and_label(holdfast: Program) -> None:
    listed = said(await holdfast("backup", "ls", "nightly", "deploy", "Secret", "-o", "name"))
    assert listed.splitlines() == ["shop/deployments.apps/web", "shop/secrets/db-creds"]
    labelled = said(
        await holdfast("backup", "ls", "nightly", "-l", "app=web,tier in (front,back)", "-o", "name")
    )
    assert labelled.splitlines() == ["shop/configmaps/app"]


async def test_cat_gives_the_object_as_it_was_saved(shelf: Shelf, holdfast: Program) -> None:
    saved = json.loads(contents(shelf, "weekly")["resources/deployments.apps/namespaces/shop/web.json"])
    assert yaml.safe_load(said(await holdfast("backup", "cat", "weekly", "deployment/web"))) == saved
    told = await holdfast("backup", "cat", "weekly", "deployment/nothing")
    assert told.code == 3
    assert "deployment/nothing" in told.err


async def test_find_tells_which_backups_have_it(holdfast: Program) -> None:
    found = (await holdfast("backup", "find", "--name", "pass*", "-o", "json")).json
    assert found == [{"backup": "weekly", "resource": "configmaps", "namespace": "shop", "name": "passing"}]


async def test_diff_names_each_changed_field(holdfast: Program) -> None:
    differences = (await holdfast("backup", "diff", "weekly", "nightly", "-o", "json")).json
    by_name = {f"{d['resource']}/{d['name']}": d for d in differences}
    assert by_name["configmaps/passing"]["what"] == "removed"
    assert by_name["configmaps/new"]["what"] == "added"
    assert by_name["configmaps/app"]["changes"] == [
        {"path": "data[a.conf]", "old": "key=value\nother=Ünï ✓ <&>\n", "new": "key=other\n"},
        {"path": "metadata.labels.tier", "new": "front"},
    ]
    deployment = {c["path"]: (c.get("old"), c.get("new")) for c in by_name["deployments.apps/web"]["changes"]}
    assert deployment["spec.replicas"] == (2, 3)
    assert deployment["spec.template.spec.containers[log].image"] == ("fluent:1", "fluent:2")
    assert "secrets/db-creds" not in by_name


async def test_diff_with_the_cluster(holdfast: Program) -> None:
    differences = (
        await holdfast("backup", "diff", "nightly", "--live", "--kind", "deployment", "-o", "json")
    ).json
    assert [(d["name"], d["what"]) for d in differences] == [("web", "changed")]
    assert {c["path"]: c["new"] for c in differences[0]["changes"]} == {"spec.replicas": 4}
    whole = said(await holdfast("backup", "diff", "nightly", "--live", "--kind", "widget"))
    assert whole == "No differences.\n"


async def test_history_follows_one_object(holdfast: Program) -> None:
    events = (await holdfast("backup", "history", "cm/app", "-o", "json")).json
    assert [(e["backup"], e["what"]) for e in events] == [("weekly", "first"), ("nightly", "changed")]
    gone = (await holdfast("backup", "history", "cm/passing", "-o", "json")).json
    assert [(e["backup"], e["what"]) for e in gone] == [("weekly", "first"), ("nightly", "gone")]


async def test_without_a_cluster_from_a_folder_and_from_a_bucket(
    shelf: Shelf, holdfast: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_cluster = said(await holdfast("backup", "ls", "nightly"))
    nowhere = Program(tmp_path / "no-kubeconfig", "shop")
    assert (
        said(await nowhere("backup", "ls", "nightly", "--location", f"file:{shelf.folder}")) == with_cluster
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL", shelf.sandbox.s3_endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", shelf.sandbox.s3_access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", shelf.sandbox.s3_secret_key)
    bucket = "s3://velero/cluster-1"
    assert said(await nowhere("backup", "ls", "nightly", "--location", bucket)) == with_cluster
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    refused = await nowhere("backup", "get", "--location", bucket)
    assert (refused.code, "wrong" in refused.err) == (7, False)


async def test_verify_finds_veleros_backups_whole(holdfast: Program) -> None:
    verdicts = (await holdfast("backup", "verify", "-o", "json")).json
    assert [(v["backup"], v["whole"], v["listed"]) for v in verdicts] == [
        ("nightly", True, True),
        ("weekly", True, True),
    ]


Files = dict[str, bytes]


def packed(files: Files, *, kind: bytes = tarfile.REGTYPE) -> bytes:
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.type = len(body), kind
            tar.addfile(info, BytesIO(body))
    return out.getvalue()


WEB = "resources/deployments.apps/namespaces/shop/web.json"


def _flipped(data: bytes, at: int | None = None) -> bytes:
    changed = bytearray(data)
    changed[len(data) // 2 if at is None else at] ^= 0x55
    return bytes(changed)


DAMAGES: dict[str, tuple[Callable[[Files], bytes], str]] = {
    "a bit": (lambda files: _flipped(packed(files)), "damaged"),
    "another checksum": (lambda files: _flipped(packed(files), at=-6), "damaged"),
    "cut off": (lambda files: packed(files)[:-100], "damaged"),
    "nothing": (lambda _: b"", "no tarball"),
    "one copy altered": (
        lambda files: packed(files | {WEB: files[WEB].replace(b"nginx:1", b"nginx:9")}),
        "copies differ",
    ),
    "an item missing": (
        lambda files: packed({n: b for n, b in files.items() if not n.endswith("/shop/web.json")}),
        "not in the tarball",
    ),
    "an item too many": (
        lambda files: packed(files | {WEB.replace("web", "x"): files[WEB]}),
        "another object inside",
    ),
    "no object": (
        lambda files: packed(files | {WEB: b"{", WEB.replace("/names", "/v1-preferredversion/names"): b"{"}),
        "cannot be read",
    ),
    "a path that leaves": (
        lambda files: packed(files | {"resources/../../etc/passwd": b"x"}),
        "leaves its place",
    ),
    "a link": (lambda _: packed({WEB: b""}, kind=tarfile.SYMTYPE), "no regular file"),
    "a giant": (lambda _: gzip.compress(_giant()), "are allowed"),
}


def _giant() -> bytes:
    header = tarfile.TarInfo(WEB)
    header.size = 1 << 40
    return header.tobuf() + bytes(1 << 20)


@pytest.mark.parametrize("damage", DAMAGES)
async def test_verify_says_what_is_wrong(shelf: Shelf, tmp_path: Path, damage: str) -> None:
    spoil, words = DAMAGES[damage]
    shutil.copytree(shelf.folder, tmp_path / "location")
    tarball = tmp_path / "location/backups/nightly/nightly.tar.gz"
    tarball.write_bytes(spoil(contents(shelf, "nightly")))
    program = Program(tmp_path / "none")
    told = await program(
        "backup", "verify", "nightly", "--location", f"file:{tmp_path}/location", "-o", "json"
    )
    assert told.code == 9
    (verdict,) = told.json
    assert words in " ".join(verdict["findings"]), verdict
    assert (tmp_path / "location/backups/weekly").exists()


async def test_what_is_no_location_is_refused(tmp_path: Path) -> None:
    program = Program(tmp_path / "none")
    for location, code in {"ftp://x/y": 2, f"file:{tmp_path}/none": 2, "s3://": 2}.items():
        told = await program("backup", "get", "--location", location)
        assert told.code == code, told.err
    (tmp_path / "backups/half").mkdir(parents=True)
    empty = await program("backup", "get", "--location", f"file:{tmp_path}")
    assert (empty.code, empty.out) == (0, "")
    assert (await program("backup", "ls", "half", "--location", f"file:{tmp_path}")).code == 3


async def test_one_backup_that_cannot_be_read_does_not_hide_the_others(shelf: Shelf, tmp_path: Path) -> None:
    shutil.copytree(shelf.folder, tmp_path / "location")
    (tmp_path / "location/backups/weekly/velero-backup.json").write_text("{")
    program, where = Program(tmp_path / "none"), ("--location", f"file:{tmp_path}/location")
    listed = await program("backup", "get", "-o", "name", *where)
    assert listed.out == "backup.velero.io/nightly\n"
    assert "weekly/velero-backup.json" in listed.err
    told = await program("backup", "verify", *where)
    assert told.code == 9
    assert "nightly: whole" in told.out
    assert "weekly/velero-backup.json" in told.err


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"metadata": 1}'])
async def test_an_item_that_is_no_object_is_named(shelf: Shelf, tmp_path: Path, body: bytes) -> None:
    shutil.copytree(shelf.folder, tmp_path / "location")
    tarball = tmp_path / "location/backups/nightly/nightly.tar.gz"
    tarball.write_bytes(packed(contents(shelf, "nightly") | {WEB: body}))
    program, where = Program(tmp_path / "none", "shop"), ("--location", f"file:{tmp_path}/location")
    for line in (("cat", "nightly", "deployment/web"), ("diff", "weekly", "nightly")):
        told = await program("backup", *line, *where)
        assert told.code == 1
        assert "deployments.apps shop/web cannot be read" in told.err

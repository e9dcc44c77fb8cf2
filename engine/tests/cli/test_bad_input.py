"""Bad input on restic 0.19.1 and here, side by side: the same exit code, and a message that says what is wrong.

Where restic takes what is refused here, the reason is a line of docs/repo.md.
"""

import itertools
import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

import pytest
from engine.tests.support import sealing
from engine.tests.support.tools import HOLDFAST
from engine.tests.support.tools import restic as real
from support.repositories import Program

from holdfast_engine import Repository

PASSWORD = "correct horse"  # noqa: S105 - of tests only
DOCUMENTS = Path(__file__).parents[3] / "docs" / "repo.md"
PASSWORDLESS = {"RESTIC_PASSWORD": ""}
PLACELESS = {"RESTIC_REPOSITORY": ""}
EMPTY_PASSWORD = "an empty password is not allowed"  # noqa: S105
NOT_THERE = 'no matching ID found for prefix "ffffffff"'
SEVERAL = "multiple IDs with prefix"
SUBSET = "n/t needs 1 <= n <= t <= 256"
SHARE = "x% must be above 0% and at most 100%"
AMOUNT = "give n/t, x% or a size above 0 such as 50M"


class Case(NamedTuple):
    """A command line with variables; what both end with, and a part of what is said here."""

    words: str
    code: int
    said: str
    environment: Mapping[str, str] = {}


class Stricter(NamedTuple):
    """One that ends with another code there; `because` stands in docs/repo.md."""

    words: str
    code: int
    said: str
    because: str
    environment: Mapping[str, str] = {}


SAME = [
    # the password
    Case("snapshots", 12, "wrong password or no key found", {"RESTIC_PASSWORD": "wrong"}),
    Case("snapshots -p wrong", 12, "wrong password or no key found"),
    Case("snapshots --insecure-no-password", 12, "wrong password", PASSWORDLESS),
    Case("snapshots --insecure-no-password", 1, "must not be specified together"),
    Case("snapshots -p empty", 1, EMPTY_PASSWORD, PASSWORDLESS),
    Case("snapshots -p missing", 1, "missing does not exist", PASSWORDLESS),
    Case("snapshots -p documents", 1, "documents: Is a directory", PASSWORDLESS),
    Case("snapshots -p -", 1, "- does not exist", PASSWORDLESS),
    Case("snapshots", 1, "missing does not exist", PASSWORDLESS | {"RESTIC_PASSWORD_FILE": "missing"}),
    Case("snapshots", 1, EMPTY_PASSWORD, PASSWORDLESS),
    Case("snapshots --password-command false", 1, "false: exit status 1", PASSWORDLESS),
    Case("snapshots --password-command no-such", 1, "no-such: No such file", PASSWORDLESS),
    Case("snapshots --password-command true", 1, EMPTY_PASSWORD, PASSWORDLESS),
    Case("snapshots --password-command '\"x'", 1, "No closing quotation", PASSWORDLESS),
    Case("snapshots --password-command 'echo x' -p right", 1, "mutually exclusive", PASSWORDLESS),
    # the repository
    Case("snapshots -r nowhere", 10, "nowhere"),
    Case("snapshots -r hollow", 10, "repository does not exist"),
    Case("snapshots", 1, "Please specify repository location", PLACELESS),
    Case("snapshots --repository-file missing", 1, "missing does not exist", PLACELESS),
    Case("snapshots --repository-file empty", 1, "mutually exclusive"),
    Case("snapshots -r nosuch:scheme", 1, 'invalid backend "nosuch"'),
    Case("snapshots -r s3:", 1, "write s3:HOST/BUCKET"),
    Case("snapshots -r rest:http://[::1", 1, "write rest:https://HOST:PORT/PATH/"),
    # global flags, and options of stores
    Case("snapshots --unknown", 1, "--unknown"),
    Case("--unknown snapshots", 1, "--unknown"),
    Case("snapshots -Z", 1, "-Z"),
    Case("unknown", 1, "'unknown'"),
    Case("snapshots --json=maybe", 1, "--json"),
    Case("snapshots --tag", 1, "--tag"),
    Case("snapshots -q -v", 1, "--quiet and --verbose"),
    Case("snapshots -o local.color=x", 1, "holdfast repo options"),
    Case("snapshots -o local.connections=x", 1, "must be a number"),
    Case("snapshots -o =x", 1, "empty key is not a valid option"),
    Case("snapshots -o local.connections=1 -o local.connections=2", 1, "present more than once"),
    Case("snapshots --compression zip", 1, "auto|off|fastest|better|max"),
    Case("snapshots", 1, "auto|off|fastest|better|max", {"RESTIC_COMPRESSION": "zip"}),
    Case("snapshots --pack-size 1", 1, "between 4 and 128 MiB"),
    Case("snapshots --pack-size 129", 1, "between 4 and 128 MiB"),
    Case("snapshots --pack-size x", 1, "--pack-size"),
    Case("snapshots", 1, "RESTIC_PACK_SIZE", {"RESTIC_PACK_SIZE": "x"}),
    Case("snapshots", 1, "between 4 and 128 MiB", {"RESTIC_PACK_SIZE": "1"}),
    Case("snapshots --limit-upload x", 1, "--limit-upload"),
    Case("snapshots --limit-download x", 1, "--limit-download"),
    Case("snapshots --retry-lock x", 1, "like 5m or 1h30m"),
    Case("snapshots --retry-lock 5", 1, "like 5m or 1h30m"),
    Case("snapshots --stuck-request-timeout x", 1, "like 5m or 1h30m"),
    Case("snapshots --cacert missing", 1, "missing: No such file"),
    Case("snapshots --cacert empty", 1, "--cacert wants PEM"),
    Case("snapshots --tls-client-cert missing", 1, "missing: No such file"),
    Case("snapshots --tls-client-cert empty", 1, "--tls-client-cert wants"),
    # snapshots
    Case("snapshots --latest x", 1, "--latest"),
    Case("snapshots --group-by color", 1, 'unknown grouping option: "color"'),
    Case("snapshots ffffffff", 0, f'Ignoring "ffffffff": {NOT_THERE}'),
    Case("snapshots {several}", 0, SEVERAL),
    Case("stats ffffffff", 0, NOT_THERE),
    Case("stats --mode color", 1, "'restore-size', 'files-by-contents'"),
    Case("ls", 1, "use special ID 'latest'"),
    Case("ls ffffffff", 1, NOT_THERE),
    Case("ls {several}", 1, SEVERAL),
    Case("ls latest --host nobody", 1, "Hosts:[nobody]): no snapshot found"),
    Case("ls latest --tag nothing", 1, "Tags:[[nothing]] Hosts:[]): no snapshot found"),
    Case("ls latest relative", 1, "starting with a forward slash"),
    Case("ls latest:/nowhere", 1, "path /nowhere in snapshot"),
    Case("ls latest:/documents/notes.txt", 1, "/documents/notes.txt is not a folder"),
    Case("ls latest --sort color", 1, "'name', 'size', 'time'"),
    Case("ls latest --ncdu --sort size", 1, "--ncdu"),
    Case("find", 1, "wrong number of arguments"),
    Case("find [", 1, "invalid pattern(s) provided"),
    Case("find --oldest yesterday x", 1, "is not like 2026-11-21 10:00:00"),
    Case("find --newest 2020-13-01 x", 1, "is not like 2026-11-21 10:00:00"),
    Case("find --blob --tree x", 1, "cannot have several ID types"),
    Case("find --pack ffffffff", 1, "ffffffff not found"),
    Case("find --snapshot ffffffff x", 0, NOT_THERE),
    Case("find --snapshot {several} x", 0, SEVERAL),
    Case("diff {one}", 1, "specify two snapshot IDs"),
    Case("diff {one} ffffffff", 1, NOT_THERE),
    Case("diff {one} {one}:/nowhere", 1, "path /nowhere in snapshot"),
    Case("diff {one} {one} {one}", 1, "specify two snapshot IDs"),
    Case("dump latest", 1, "no file and no snapshot ID specified"),
    Case("dump latest /nowhere", 1, 'path "/nowhere" not found in snapshot'),
    Case("dump latest /documents/notes.txt/x", 1, "should be a dir"),
    Case("dump ffffffff /documents", 1, NOT_THERE),
    Case("dump latest /documents -a rar", 1, "'tar', 'zip'"),
    Case("dump latest /documents -t missing/x.tar", 1, "missing/x.tar: No such file"),
    Case("dump latest /documents -t documents", 1, "documents: Is a directory"),
    # what is stored
    Case("cat", 1, "type not specified"),
    Case("cat color", 1, "must be one of [config|index|snapshot"),
    Case("cat snapshot", 1, "ID not specified"),
    Case("cat snapshot ffffffff", 1, NOT_THERE),
    Case("cat snapshot {several}", 1, SEVERAL),
    Case("cat blob nonsense", 1, "64 hex digits"),
    Case("cat pack ffffffff", 1, NOT_THERE),
    Case("cat index ffffffff", 1, NOT_THERE),
    Case("cat key ffffffff", 1, NOT_THERE),
    Case("cat lock ffffffff", 1, NOT_THERE),
    Case("cat tree ffffffff", 1, NOT_THERE),
    Case("list", 1, "blobs, packs, index"),
    Case("list color", 1, "blobs, packs, index"),
    Case("list packs x", 1, "one kind"),
    Case("key add x", 1, "unexpected extra argument"),
    Case("key remove", 1, "'ID'"),
    Case("key remove ffffffff", 1, NOT_THERE),
    Case("key add --new-password-file missing", 1, "missing does not exist"),
    Case("key add --new-password-file empty", 1, "--new-insecure-no-password"),
    Case("key add --new-password-file right --new-insecure-no-password", 1, "only either"),
    Case("key passwd --new-password-file missing", 1, "missing does not exist"),
    # check
    Case("check --read-data --read-data-subset 1/2", 1, "cannot be used together"),
    Case("check --read-data-subset 0/2", 1, SUBSET),
    Case("check --read-data-subset 3/2", 1, SUBSET),
    Case("check --read-data-subset 1/257", 1, SUBSET),
    Case("check --read-data-subset 1/0", 1, SUBSET),
    Case("check --read-data-subset x/y", 1, "whole numbers"),
    Case("check --read-data-subset 0%", 1, SHARE),
    Case("check --read-data-subset 101%", 1, SHARE),
    Case("check --read-data-subset -1%", 1, SHARE),
    Case("check --read-data-subset x%", 1, SHARE),
    Case("check --read-data-subset 10Q", 1, AMOUNT),
    Case("check --read-data-subset -10", 1, AMOUNT),
    Case("check --read-data-subset 0", 1, AMOUNT),
    Case("check --read-data-subset 99999999999T", 1, AMOUNT),
    Case("check ffffffff", 1, NOT_THERE),
    # a new one
    Case("init", 1, "already exists; open it or choose another place"),
    Case("init x", 1, "unexpected extra argument"),
    Case("init -r a-file", 1, "a-file"),
    Case("init -r {out} --repository-version 3", 1, "1, 2, latest or stable"),
    Case("init -r {out} --repository-version x", 1, "1, 2, latest or stable"),
    Case("init -r {out} --from-repo repository", 1, "--copy-chunker-params"),
    Case("init -r {out} --copy-chunker-params", 1, "--from-repo or --from-repository-file"),
    Case("init -r {out} --copy-chunker-params --from-repo nowhere --from-password-file right", 10, "nowhere"),
    Case(
        "init -r {out} --copy-chunker-params --from-repo repository --from-password-file wrong", 12, "wrong"
    ),
    Case("init -r {out} -p empty", 1, EMPTY_PASSWORD, PASSWORDLESS),
    # backup
    Case("backup", 1, "nothing to backup"),
    Case("backup missing", 1, "all source directories/files do not exist"),
    Case("backup documents missing", 3, "missing does not exist, skipping"),
    Case("backup documents --time yesterday", 1, "is not like 2012-11-01 22:08:41"),
    Case("backup documents --time '2020-02-30 10:00:00'", 1, "is not like 2012-11-01 22:08:41"),
    Case("backup documents --exclude [", 1, "invalid pattern(s) provided"),
    Case("backup documents --iexclude [", 1, "invalid pattern(s) provided"),
    Case("backup documents --exclude-file missing", 1, "missing does not exist"),
    Case("backup documents --iexclude-file missing", 1, "missing does not exist"),
    Case("backup documents --exclude-file patterns", 1, "invalid pattern(s) provided"),
    Case("backup documents --exclude-if-present ''", 1, "give FILE or FILE:HEADER"),
    Case("backup documents --exclude-larger-than x", 1, "suffix B, K, M, G or T"),
    Case("backup documents --exclude-larger-than 10Q", 1, "suffix B, K, M, G or T"),
    Case("backup documents --exclude-larger-than -10", 1, "suffix B, K, M, G or T"),
    Case("backup --files-from missing", 1, "missing does not exist"),
    Case("backup --files-from empty", 1, "nothing to backup"),
    Case("backup --files-from globs", 1, "syntax error in pattern"),
    Case("backup --files-from-raw a-file", 1, "trailing zero byte missing"),
    Case("backup --files-from-verbatim missing", 1, "missing does not exist"),
    Case("backup --files-from -", 1, "nothing to backup"),
    Case("backup --files-from -", 1, "cannot read both password and data from stdin", PASSWORDLESS),
    Case("backup --stdin", 1, "cannot read both password and data from stdin", PASSWORDLESS),
    Case("backup --stdin documents", 1, "--stdin was specified and files/dirs"),
    Case("backup --stdin --files-from right", 1, "--stdin"),
    Case("backup --stdin --stdin-filename ''", 1, "invalid filename specified"),
    Case("backup --stdin --stdin-filename /", 1, "invalid filename specified"),
    Case("backup --stdin", 3, "no data read"),
    Case("backup --stdin-from-command", 1, "no command was given; put it behind --"),
    Case("backup --stdin-from-command false", 1, "command failed: exit status 1"),
    Case("backup --stdin-from-command no-such", 1, "no-such"),
    Case("backup documents --parent ffffffff", 1, NOT_THERE),
    Case("backup documents --parent {several}", 1, SEVERAL),
    Case("backup documents --group-by color", 1, 'unknown grouping option: "color"'),
    Case("backup documents --read-concurrency x", 1, "--read-concurrency"),
    Case("backup documents", 1, "RESTIC_READ_CONCURRENCY", {"RESTIC_READ_CONCURRENCY": "x"}),
    # restore
    Case("restore", 1, "no snapshot ID specified"),
    Case("restore latest", 1, "--target"),
    Case("restore latest x --target {out}", 1, "more than one snapshot ID specified"),
    Case("restore ffffffff --target {out}", 1, NOT_THERE),
    Case("restore {several} --target {out}", 1, SEVERAL),
    Case("restore latest:/nowhere --target {out}", 1, "path /nowhere in snapshot"),
    Case("restore latest --target a-file", 1, "a-file is not a folder; name another one with --target"),
    Case("restore latest --target {out} --include a --exclude b", 1, "mutually exclusive"),
    Case("restore latest --target {out} --include [", 1, "invalid pattern(s) provided"),
    Case("restore latest --target {out} --exclude-file missing", 1, "missing does not exist"),
    Case("restore latest --target {out} --overwrite sometimes", 1, "'if-changed', 'if-newer'"),
    Case("restore latest --target {out} --dry-run --verify", 1, "--dry-run and --verify"),
    Case("restore latest --target {out} --include-xattr a --exclude-xattr b", 1, "mutually exclusive"),
    Case("restore latest --target {out} --host nobody", 1, "no snapshot found"),
    # files of this machine
    Case("cache --no-cache", 1, "the cache is disabled"),
    Case("cache --max-age x", 1, "--max-age"),
    Case("generate", 1, "nothing to do"),
    Case("generate --bash-completion missing/x", 1, "missing/x: No such file"),
    Case("generate --bash-completion - --zsh-completion -", 1, "one"),
]
WORDS = "words that restic ignores"
NEGATIVE = "Negative numbers"
OTHER = [
    Stricter("key unknown", 1, "'unknown'", WORDS),
    Stricter("unlock x", 1, "unexpected extra argument", WORDS),
    Stricter("version x", 1, "unexpected extra argument", WORDS),
    Stricter("options x", 1, "unexpected extra argument", WORDS),
    Stricter("snapshots --latest -1", 1, "--latest", NEGATIVE),
    Stricter("snapshots --limit-upload -1", 1, "--limit-upload", NEGATIVE),
    Stricter("snapshots --retry-lock -5m", 1, "--retry-lock", NEGATIVE),
    Stricter(
        "snapshots --repository-file empty", 1, "location of the repository is empty", "An empty", PLACELESS
    ),
    Stricter("check --read-data-subset NaN%", 1, SHARE, "`NaN%`"),
    Stricter("snapshots -o nosuch.key=x", 1, "holdfast repo options", "`-o` of a store"),
    Stricter("snapshots -o local.connections=0", 1, "at least 1", "panics"),
    Stricter("snapshots", 1, "RESTIC_PROGRESS_FPS", "RESTIC_PROGRESS_FPS", {"RESTIC_PROGRESS_FPS": "x"}),
    Stricter("snapshots --cache-dir a-file", 0, "", "never needs a cache"),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with so many snapshots that two begin with the same digit, and files that are no good."""
    top = tmp_path_factory.mktemp("bad-input")
    (top / "documents").mkdir()
    (top / "hollow").mkdir()
    (top / "documents" / "notes.txt").write_text("hello\n")
    for name, text in {
        "a-file": "documents",
        "empty": "",
        "globs": "documents/[\n",
        "patterns": "[\n",
        "right": PASSWORD,
        "wrong": "wrong",
    }.items():
        (top / name).write_text(text)
    with chdir(top), Repository.init("repository", PASSWORD, scrypt=(2, 1, 1)) as repository:
        for _ in range(17):
            repository.backup(["documents"])
    return top


@pytest.fixture
def places(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What the words may name."""
    monkeypatch.chdir(world)
    monkeypatch.setenv("RESTIC_REPOSITORY", str(world / "repository"))
    with Path("/dev/null").open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        yield _places(world, tmp_path)


def _places(world: Path, tmp_path: Path) -> dict[str, str]:
    ids = sorted(path.name for path in (world / "repository" / "snapshots").iterdir())
    several = next(id_[0] for id_, later in itertools.pairwise(ids) if id_[0] == later[0])
    return {"one": ids[0], "several": several, "out": str(tmp_path / "out")}


def told(case: Case | Stricter) -> str:
    return " ".join([case.words, *(f"{name}={value}" for name, value in case.environment.items())])


@pytest.mark.parametrize("case", SAME, ids=told)
def test_the_same_code(
    case: Case, places: dict[str, str], monkeypatch: pytest.MonkeyPatch, holdfast: Program, restic: Program
) -> None:
    words = [word.format_map(places) for word in shlex.split(case.words)]
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value)
    ours, theirs = holdfast(*words), restic(*words)
    assert (ours.code, theirs.code) == (case.code, case.code), theirs.err
    assert case.said in ours.err
    assert "Traceback" not in ours.err


@pytest.mark.parametrize("case", SAME, ids=told)
def test_the_same_as_json(
    case: Case, places: dict[str, str], monkeypatch: pytest.MonkeyPatch, holdfast: Program
) -> None:
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value)
    ended = holdfast("--json", *[word.format_map(places) for word in shlex.split(case.words)])
    assert ended.code == case.code
    if case.code:
        last = json.loads(ended.err.splitlines()[-1])
        assert (last["message_type"], last["code"]) == ("exit_error", case.code)


@pytest.mark.parametrize("case", OTHER, ids=told)
def test_another_code_for_a_reason(
    case: Stricter,
    places: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    holdfast: Program,
    restic: Program,
) -> None:
    words = [word.format_map(places) for word in shlex.split(case.words)]
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value)
    ours, theirs = holdfast(*words), restic(*words)
    assert ours.code == case.code != theirs.code
    assert case.said in ours.err
    assert case.because in DOCUMENTS.read_text()


def newer(place: Path) -> None:
    with Repository.open(place, PASSWORD) as repository:
        said = json.loads(repository.cat("config"))
    sealing.config(place, said | {"version": 3})


def changed(name: str, content: bytes) -> Callable[[Path], None]:
    def change(place: Path) -> None:
        file = next(path for path in [place / name, *place.glob(name)] if path.is_file())
        file.chmod(0o600)
        file.write_bytes(content)

    return change


@pytest.mark.parametrize(
    ("spoil", "words", "code", "said"),
    [
        (newer, "snapshots", 1, "version 3"),
        (changed("config", bytes(200)), "snapshots", 1, "config"),
        (changed("config", b""), "snapshots", 1, "config"),
        (changed("keys/*", b"no JSON"), "snapshots", 1, "key"),
        (changed("index/*", bytes(200)), "backup documents", 1, "index"),
        (changed("index/*", bytes(200)), "check", 1, "index"),
        (changed("snapshots/*", bytes(200)), "ls latest", 1, "snapshot"),
    ],
)
def test_a_repository_that_is_not_as_it_should_be(
    spoil: Callable[[Path], None],
    words: str,
    code: int,
    said: str,
    saved: Path,
    holdfast: Program,
    restic: Program,
) -> None:
    spoil(saved)
    ours, theirs = holdfast(*words.split()), restic("--retry-lock", "0", *words.split())
    assert (ours.code, theirs.code) == (code, code), (ours.err, theirs.err)
    assert said in ours.err


@pytest.mark.parametrize("words", ["backup documents", "check"])
def test_a_repository_that_somebody_works_in(
    words: str, saved: Path, holdfast: Program, restic: Program
) -> None:
    with Repository.open(saved, PASSWORD) as repository, repository.lock(exclusive=True):
        ours, theirs = holdfast(*words.split()), restic(*words.split())
    assert ours.code == theirs.code == 11
    assert "the `unlock` command can be used to remove stale locks" in ours.err


def test_files_that_may_not_be_read(saved: Path, documents: Path) -> None:
    (documents / "secret").touch(mode=0)
    for tool in (HOLDFAST, real()):
        words = [
            "setpriv",
            "--bounding-set=-dac_override,-dac_read_search",
            *tool.words(saved, "backup", documents),
        ]
        ended = subprocess.run(words, check=False, capture_output=True, text=True)
        assert ended.returncode == 3
        assert "documents/secret: permission denied" in ended.stderr

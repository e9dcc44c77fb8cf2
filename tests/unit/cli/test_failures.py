"""Every way to fail has its code and a message without a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from holdfast.cli import errors
from holdfast.cli.explaining import explain
from holdfast.cli.main import run
from holdfast.kube import errors as kube
from holdfast.policy.errors import PointError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (kube.AccessError("no kubeconfig"), 6),
        (kube.Unreachable("refused", sent=False), 6),
        (kube.NotFound(404, "NotFound", "gone"), 3),
        (kube.AlreadyExists(409, "AlreadyExists", "there"), 5),
        (kube.Conflict(409, "Conflict", "changed"), 5),
        (kube.Forbidden(403, "Forbidden", 'User "x" cannot list pods'), 7),
        (kube.Forbidden(403, "Forbidden", "exceeded quota: full"), 4),
        (kube.Unauthorized(401, "Unauthorized", "who"), 7),
        (kube.Invalid(422, "Invalid", "no"), 4),
        (kube.ServerFailure(500, "InternalError", "oops"), 1),
        (PointError("no such point"), 4),
        (TimeoutError("not ready in time"), 8),
        (ZeroDivisionError("a defect"), 1),
        (ExceptionGroup("several", [kube.NotFound(404, "NotFound", "gone")]), 3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_cause_decides_the_code(failure: Exception, code: int) -> None:
    explained = explain(failure)
    assert explained.code == code
    assert explained.code in errors.CODES


def test_codes_are_distinct() -> None:
    codes = [kind.code for kind in errors.KINDS]
    assert len(set(codes)) == len(codes) == len(errors.CODES) - 3


def test_a_server_message_names_what_was_asked() -> None:
    failure = kube.NotFound(404, "NotFound", 'pods "x" not found', asked="get pods shop/x")
    assert str(explain(failure)) == 'get pods shop/x: pods "x" not found'


def test_a_missing_kubeconfig_is_named_with_a_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "config"
    assert run(["uninstall", "--dry-run", "--kubeconfig", str(missing)]) == errors.UnreachedError.code
    said = capsys.readouterr().err
    assert str(missing) in said
    assert "Remedy: " in said
    assert "Traceback" not in said


def test_an_unknown_verb_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["instal"]) == errors.MisusedError.code
    assert "'install'" in capsys.readouterr().err.partition("Did you mean")[2]


def test_options_of_the_cluster_may_stand_before_the_noun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "config"
    assert run(["--kubeconfig", str(missing), "uninstall", "--dry-run"]) == errors.UnreachedError.code
    assert str(missing) in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    program = [sys.executable, "-m", "holdfast", "install", "--dry-run", "-o", "yaml"]
    with os.fdopen(theirs, "wb") as gone:
        ended = subprocess.run(program, stdout=gone, stderr=subprocess.PIPE, check=False)
    assert ended.stderr == b""
    assert ended.returncode == errors.READER_GONE


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("holdfast.cli.installing.show", interrupt)
    assert run(["install", "--dry-run", "-o", "yaml"]) == errors.INTERRUPTED
    assert "Interrupted" in capsys.readouterr().err

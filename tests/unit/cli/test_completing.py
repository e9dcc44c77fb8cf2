"""Tab in real shells, with the script that the program prints."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from support.shells import SHELLS, completed, missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG = """
apiVersion: v1
kind: Config
current-context: here
contexts: [{{name: here, context: {{cluster: here, user: me}}}}]
clusters: [{{name: here, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: me, user: {{token: none}}}}]
"""


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if why := missing(name):
        pytest.skip(why)
    return name


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[Path]:
    """Access to a server that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        config = tmp_path / "config"
        config.write_text(CONFIG.format(port=server.getsockname()[1]))
        yield config


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("holdfast uninst", ["uninstall"]),
        ("holdfast group desc", ["describe"]),
        ("holdfast install --dry", ["--dry-run"]),
    ],
)
def test_a_word_is_completed(shell: str, line: str, offered: list[str]) -> None:
    assert completed(shell, line) == offered


@pytest.mark.parametrize("several", ["bash", "fish"])
def test_everything_that_fits_is_offered(several: str) -> None:
    if why := missing(several):
        pytest.skip(why)
    assert completed(several, "holdfast snapshot ") == ["delete", "list", "take"]


@pytest.mark.parametrize("access", ["hanging", "none"])
def test_without_an_answer_of_the_cluster_nothing_is_offered_and_nothing_said(
    shell: str, access: str, hanging: Path
) -> None:
    config = hanging if access == "hanging" else hanging.parent / "none"
    offered = completed(shell, "holdfast group describe back", {"KUBECONFIG": str(config)})
    assert offered == (["back"] if shell == "zsh" else [])

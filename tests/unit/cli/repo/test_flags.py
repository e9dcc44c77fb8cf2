"""Words as pflag reads them."""

from __future__ import annotations

import pytest

from holdfast.cli.repo.flags import global_flags, pflag_style


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["--json=true", "--quiet=false"], ["--json"]),
        (["--json=1", "--quiet=0"], ["--json"]),
        (["--verbose=2"], ["--verbose", "--verbose"]),
        (["--verbose=0"], []),
        (["--json=maybe"], ["--json=maybe"]),
        (["--repo=true"], ["--repo=true"]),
        (["--", "--json=true"], ["--", "--json=true"]),
        (["-vv", "-r", "/srv/repo"], ["-vv", "-r", "/srv/repo"]),
    ],
)
def test_flags_of_go(words: list[str], meant: list[str]) -> None:
    assert pflag_style(global_flags(), words) == meant

"""Tab in a real shell, with the script that the program prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
source <(holdfast completion bash)
function=$(complete -p holdfast | sed -E 's/.* -F (\\S+) .*/\\1/')
COMP_WORDS=($LINE)
[ "${LINE: -1}" = " " ] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"$function" holdfast
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("holdfast uninst", ["uninstall"]),
        ("holdfast snapshot ", ["delete", "list", "take"]),
        ("holdfast install --dry", ["--dry-run"]),
    ],
)
def test_bash_completes_by_the_printed_script(line: str, offered: list[str]) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", SCRIPT],
        env=os.environ | {"LINE": line, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.split() == offered, done.stderr

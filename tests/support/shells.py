"""Tab in real shells, with the completion script that the program prints: what each of them makes of a line."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from support.waiting import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Mapping

SHELLS = ("bash", "zsh", "fish")
_BASH = """
source <(holdfast completion bash)
function=$(complete -p holdfast | sed -E 's/.* -F (\\S+) .*/\\1/')
COMP_WORDS=($LINE)
[ "${LINE: -1}" = " " ] && COMP_WORDS+=("")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"$function" holdfast
printf '%s\\n' "${COMPREPLY[@]}"
"""
_FISH = 'holdfast completion fish | source; complete -C "$LINE" | string replace -r "\\t.*" ""'
_ZSH = """
PS1=; unsetopt zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste; LISTMAX=0
autoload -Uz compinit && compinit -u -D; source <(holdfast completion zsh)
show() { print -r -- "<<$BUFFER>>" }; zle -N show; bindkey '^I' complete-word; bindkey '^X' show
print re''ady
"""


def completed(shell: str, line: str, environment: Mapping[str, str] | None = None) -> list[str]:
    """What a shell offers for the last word of a line; of zsh, what becomes of that word if only one thing fits."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    around = os.environ | {"LINE": line, "PATH": path, "TERM": "dumb"} | dict(environment or {})
    if shell == "zsh":
        return [_typed(line, around)]
    command = ["bash", "--norc", "-c", _BASH] if shell == "bash" else ["fish", "--no-config", "-c", _FISH]
    done = subprocess.run(command, env=around, capture_output=True, text=True, check=False, timeout=DEADLINE)
    assert not done.stderr, done.stderr
    return done.stdout.split()


def _typed(line: str, environment: Mapping[str, str]) -> str:
    """The last word after Tab in a terminal."""
    ours, theirs = pty.openpty()
    zsh = subprocess.Popen(
        ["zsh", "-f", "-i"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    )
    try:
        os.write(ours, _ZSH.encode())
        _read(ours, "ready\r")
        os.write(ours, f"{line}\t\x18".encode())
        return _read(ours, "<<(.*)>>")[1].split()[-1]
    finally:
        zsh.kill()
        zsh.wait()
        os.close(ours)
        os.close(theirs)


def _read(terminal: int, pattern: str) -> re.Match[str]:
    """Read until the terminal has shown this."""
    seen, end = "", time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 4096).decode(errors="replace")
        if found := re.search(pattern, seen):
            return found
    raise AssertionError(f"no {pattern!r} in {seen!r}")


def missing(shell: str) -> str:
    """Why a shell cannot be tried; empty if it can."""
    return "" if shutil.which(shell) else f"{shell} is not installed: apt-get install {shell}"

"""What a run tells people: what was proven, or why not. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdfast.policy.proving import Checks, Failure
from holdfast.policy.texts import duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from holdfast.api.drills import Run
    from holdfast.drills.views import CheckPod
    from holdfast.drills.world import Found, Piece

LONGEST = 1000
"""Characters of a pod's last words that a status keeps; the kubelet passes on 2048 bytes of its log."""
_OUT_OF_TIME = "DeadlineExceeded"


def proof(run: Run, found: Found) -> str:
    """What a run has proven, and no more than that."""
    if run.trial.checks == Checks.BINDING:
        several = run.trial.snapshot is not None and len(run.trial.snapshot.claims) > 1
        bound = (
            "all claims were bound to volumes from the set"
            if several
            else "the claim was bound to a volume from the snapshot"
        )
        return f"{bound}; nobody looked at the data"
    said = _last_words(found.pod)
    done = (
        "the checksums agree" if run.trial.checks == Checks.MANIFEST else "the command ended with exit code 0"
    )
    return f"{done}: {said}" if said else done


def why(failure: Failure, pieces: Sequence[Piece], run: Run, found: Found, timeout: timedelta) -> str:
    """Why a run has failed; `pieces` are what it is about, none for the run as a whole."""
    ended_late = failure is Failure.CHECK and found.pod and found.pod.status.reason == _OUT_OF_TIME
    kind = Failure.LATE if ended_late else failure
    said = _end(found.pod) if kind is Failure.CHECK else _hindrance(found.pod)
    snapshot = ", ".join(piece.part.snapshot for piece in pieces)
    scratch = ", ".join(piece.part.scratch for piece in pieces) or run.scratch
    return kind.value.format(snapshot=snapshot, scratch=scratch, timeout=duration(timeout), pod=said)


def check_seconds(pod: CheckPod | None) -> int:
    """How long its container ran; 0 where it did not end."""
    ended = pod.state.terminated if pod else None
    if ended is None or ended.started_at is None or ended.finished_at is None:
        return 0
    return int((ended.finished_at - ended.started_at).total_seconds())


def _end(pod: CheckPod | None) -> str:
    """How a pod ended that did not end well."""
    ended = pod.state.terminated if pod else None
    if pod is None or ended is None:
        return (pod.status.message or pod.status.reason) if pod else ""
    said = _last_words(pod)
    reason = f" ({ended.reason})" if ended.reason not in {"", "Error"} else ""
    return f"exit code {ended.exit_code}{reason}" + (f": {said}" if said else "")


def _hindrance(pod: CheckPod | None) -> str:
    """What keeps a pod from running; empty where nothing is known."""
    if pod is None:
        return ""
    if waiting := pod.state.waiting:
        return f"; its pod waits: {': '.join(filter(None, (waiting.reason, waiting.message)))}"
    unmet = [c.message for c in pod.status.conditions if c.type == "PodScheduled" and c.status == "False"]
    return f"; its pod waits: {unmet[0]}" if unmet else ""


def _last_words(pod: CheckPod | None) -> str:
    ended = pod.state.terminated if pod else None
    return ended.message.strip()[-LONGEST:] if ended else ""

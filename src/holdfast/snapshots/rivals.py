"""Signs of a live Gemini: two writers would prune each other's snapshots, so nothing is written while there are any.

A sign is a pod of its image or label anywhere, a snapshot with its marks that we did not make, or a write to a
group by its field manager. Ninety seconds without one (three of Gemini's passes) count as silence.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from holdfast.api import keys

if TYPE_CHECKING:
    from holdfast.api.groups import SnapshotGroup
    from holdfast.api.storage import Snapshot
    from holdfast.control.clocks import Clock
    from holdfast.snapshots.views import PodGlance

SILENCE = timedelta(seconds=90)
NAME_LABELS = ("app.kubernetes.io/name", "app")


def is_gemini(pod: PodGlance) -> bool:
    """Whether this pod could run a Gemini: by image name or by the label of its chart."""
    if pod.status.phase in {"Succeeded", "Failed"}:
        return False
    labelled = any(pod.metadata.labels.get(label) == "gemini" for label in NAME_LABELS)
    return labelled or any(_image_name(c.image) == "gemini" for c in pod.spec.containers)


def _image_name(image: str) -> str:
    return image.rsplit("/", 1)[-1].split("@", 1)[0].split(":", 1)[0]


def is_foreign(snapshot: Snapshot) -> bool:
    """Whether a snapshot carries Gemini's marks and was not made by us."""
    meta = snapshot.metadata
    return bool(snapshot.group) and keys.GROUP not in meta.labels and keys.REQUEST not in meta.annotations


class Rivals:
    """What was seen of a live Gemini, and when last."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pods: dict[str, str] = {}
        self._last = datetime.fromtimestamp(0, UTC)
        self._sign = ""

    def pod_changed(self, old: PodGlance | None, new: PodGlance | None) -> None:
        """A pod that could be a Gemini came, stayed or went."""
        if new is not None and is_gemini(new):
            self._pods[new.metadata.uid] = f"pod {new.metadata.namespace}/{new.metadata.name}"
        elif old is not None and (name := self._pods.pop(old.metadata.uid, "")):
            self._note(self._clock.now(), f"{name} that has just gone")

    def snapshot_changed(self, _: Snapshot | None, new: Snapshot | None) -> None:
        """A foreign snapshot is a sign from the moment it was created."""
        if new is not None and is_foreign(new) and new.metadata.creation_timestamp:
            meta = new.metadata
            self._note(new.metadata.creation_timestamp, f"snapshot {meta.namespace}/{meta.name}")

    def group_changed(self, _: SnapshotGroup | None, new: SnapshotGroup | None) -> None:
        """Gemini writes whole groups under its own field manager."""
        for entry in new.metadata.managed_fields if new is not None else ():
            if new is not None and entry.manager == keys.GEMINI_MANAGER and entry.time:
                self._note(
                    entry.time, f"a write to SnapshotGroup {new.metadata.namespace}/{new.metadata.name}"
                )

    def _note(self, at: datetime, sign: str) -> None:
        at = min(at, self._clock.now())
        if at > self._last:
            self._last, self._sign = at, sign

    def live(self) -> str:
        """The sign that a Gemini is alive, in words; empty after the silence."""
        if self._pods:
            return next(iter(self._pods.values()))
        return self._sign if self._clock.now() < self._last + SILENCE else ""

    def silent_in(self) -> float:
        """Seconds until the silence is long enough, if no other sign comes."""
        if self._pods:
            return SILENCE.total_seconds()
        return max(0.0, (self._last + SILENCE - self._clock.now()).total_seconds())

"""When a Gemini is believed to be alive, and for how long after its last sign."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from unit.snapshots.simulating import START, group_of, snapshot_of, stamp

from holdfast.api import keys
from holdfast.snapshots.rivals import SILENCE, Rivals, is_foreign, is_gemini
from holdfast.snapshots.views import PodGlance

SECOND = timedelta(seconds=1)
MARKS = {keys.GEMINI_MANAGED_BY: "gemini", keys.GEMINI_GROUP: "backups"}


class SetClock:
    """A clock that a test sets."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def pod(image: str = "gemini:2.0", phase: str = "Running", **labels: str) -> PodGlance:
    spec = {"containers": [{"image": "sidecar"}, {"image": image}]}
    metadata = {"name": "p", "namespace": "ops", "uid": "pod", "labels": labels}
    return msgspec.convert({"metadata": metadata, "spec": spec, "status": {"phase": phase}}, PodGlance)


@pytest.mark.parametrize(
    "image",
    [
        "gemini",
        "gemini:2.0",
        "quay.io/fairwinds/gemini:v1",
        "us-docker.pkg.dev/fairwinds-ops/oss/gemini:v2.1.0",
        "localhost:5000/gemini",
        "registry/gemini@sha256:abc",
        "registry:443/gemini:2.0@sha256:abc",
    ],
)
def test_an_image_named_gemini_is_a_gemini_wherever_it_comes_from(image: str) -> None:
    assert is_gemini(pod(image))


@pytest.mark.parametrize("image", ["holdfast:0.1", "gemini/holdfast:2.0", "gemini-exporter:1", "not-gemini"])
def test_other_images_are_none(image: str) -> None:
    assert not is_gemini(pod(image))


def test_the_chart_s_labels_give_a_gemini_away_and_the_end_of_its_pod_clears_it() -> None:
    assert is_gemini(pod("own-build", **{"app.kubernetes.io/name": "gemini"}))
    assert is_gemini(pod("own-build", app="gemini"))
    assert not is_gemini(pod(phase="Succeeded"))
    assert not is_gemini(pod(phase="Failed"))
    assert is_gemini(pod(phase="Pending"))


def test_without_any_sign_nobody_is_there() -> None:
    assert Rivals(SetClock(START)).live() == ""


def test_a_pod_is_a_sign_as_long_as_it_is_there_and_ninety_seconds_after() -> None:
    clock = SetClock(START)
    rivals = Rivals(clock)
    rivals.pod_changed(None, pod())
    clock.moment += timedelta(days=1)
    assert "pod ops/p" in rivals.live()
    rivals.pod_changed(pod(), None)
    clock.moment += SILENCE - SECOND
    assert "pod ops/p" in rivals.live()
    assert rivals.silent_in() == 1
    clock.moment += SECOND
    assert rivals.live() == ""
    assert rivals.silent_in() == 0


def test_a_foreign_snapshot_is_a_sign_for_ninety_seconds_from_its_creation() -> None:
    clock = SetClock(START + timedelta(seconds=30))
    rivals = Rivals(clock)
    rivals.snapshot_changed(None, snapshot_of("backups-1", annotations=MARKS))
    assert "snapshot shop/backups-1" in rivals.live()
    assert rivals.silent_in() == 60
    clock.moment = START + SILENCE
    assert rivals.live() == ""


def test_a_sign_from_a_clock_that_runs_ahead_does_not_stop_us_for_longer_than_the_silence() -> None:
    clock = SetClock(START)
    rivals = Rivals(clock)
    ahead = snapshot_of("backups-1", annotations=MARKS, created=START + timedelta(days=365))
    rivals.snapshot_changed(None, ahead)
    clock.moment += SILENCE
    assert rivals.live() == ""


def test_old_snapshots_and_our_own_are_no_sign() -> None:
    rivals = Rivals(SetClock(START + timedelta(days=1)))
    rivals.snapshot_changed(None, snapshot_of("backups-1", annotations=MARKS))
    assert rivals.live() == ""
    assert not is_foreign(snapshot_of("backups-1", annotations=MARKS, labels={keys.GROUP: "backups"}))
    assert not is_foreign(snapshot_of("safety", annotations=MARKS | {keys.REQUEST: "uid"}))
    assert not is_foreign(snapshot_of("by-hand"))


@pytest.mark.parametrize(("manager", "seen"), [("gemini", True), ("kubectl", False), ("holdfast", False)])
def test_a_write_by_gemini_s_field_manager_is_a_sign(manager: str, *, seen: bool) -> None:
    clock = SetClock(START)
    rivals = Rivals(clock)
    fields: dict[str, Any] = {"manager": manager, "operation": "Update", "time": stamp(START)}
    rivals.group_changed(None, group_of(metadata={"managedFields": [fields]}))
    assert bool(rivals.live()) == seen
    clock.moment += SILENCE
    assert rivals.live() == ""

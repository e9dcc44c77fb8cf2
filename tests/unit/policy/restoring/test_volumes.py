"""What becomes of volumes."""

from __future__ import annotations

import pytest

from holdfast.policy.restoring.volumes import Fate, Saved, fate, why_not


@pytest.mark.parametrize(
    ("saved", "expected"),
    [
        (Saved("CSISnapshot", handle="snap-1"), Fate.FROM_SNAPSHOT),
        (Saved("CSISnapshot"), Fate.NOT_RESTORABLE),
        (Saved("CSISnapshot", moved=True, handle="snap-1"), Fate.NOT_RESTORABLE),
        (Saved("PodVolumeBackup"), Fate.NOT_RESTORABLE),
        (Saved("NativeSnapshot", handle="snap-1"), Fate.NOT_RESTORABLE),
        (Saved("somebody's own"), Fate.NOT_RESTORABLE),
        (Saved(reclaim="Delete"), Fate.EMPTY),
        (Saved(reclaim="Retain"), Fate.AS_IT_IS),
    ],
)
def test_no_volume_is_lost_silently(saved: Saved, expected: Fate) -> None:
    assert fate(saved) is expected
    if expected is Fate.NOT_RESTORABLE:
        assert why_not(saved)

"""One claim with a past: bytes of `THEN` in a snapshot of its group, bytes of `NOW` in its volume.

A scene knows what it was before, so that it can say whether a restore brought the past back, came back itself, or
never touched anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.places import read_volume
from support.waiting import until

from holdfast.api import keys
from holdfast.api.resource import CLAIMS, CONTENTS, SNAPSHOT_GROUPS, SNAPSHOTS, VOLUME_RESTORES, VOLUMES

if TYPE_CHECKING:
    from support.objects import Manifest
    from support.places import Place

THEN, NOW = "then", "now"
STAMP = 1600000000


class Scene:
    """Stage one with `await staged(place, name)`; the claim, its restore and its group bear that name."""

    def __init__(
        self, place: Place, name: str, claim: Manifest, volume: Manifest, snapshot: Manifest
    ) -> None:
        self.place, self.name = place, name
        self.claim, self.volume, self.snapshot = claim, volume, snapshot

    @property
    def policy(self) -> str:
        """The reclaim policy that volumes of the claim had, and shall have."""
        return str(self.volume["spec"]["persistentVolumeReclaimPolicy"])

    @property
    def old_handle(self) -> str:
        return str(self.volume["spec"]["csi"]["volumeHandle"])

    @property
    def old_name(self) -> str:
        return str(self.volume["metadata"]["name"])

    async def snapshot_handle(self) -> str:
        name = self.snapshot["status"]["boundVolumeSnapshotContentName"]
        content = await self.place.get(CONTENTS, name)
        return str(content["status"]["snapshotHandle"])

    async def ask(self, **spec: Any) -> None:  # noqa: ANN401  of a VolumeRestore
        """Ask for the restore by an object."""
        wanted = {"claim": self.name, "group": self.name, "point": str(STAMP)} | spec
        await self.place.restore(self.snapshot["metadata"]["name"], name=self.name, **wanted)

    async def phase(self, *phases: str, saying: str = "") -> Manifest:
        return await self.place.phase(*phases, name=self.name, saying=saying)

    async def forget(self) -> None:
        """Delete the restore, so that it can be asked for again."""
        await self.place.delete(VOLUME_RESTORES, self.name)
        await self.place.gone(VOLUME_RESTORES, self.name)

    async def settled(self) -> Manifest:
        """Wait until the data is back; the restore as it is then."""
        restore = await self.phase("Settle")
        await self.assert_restored()
        return restore

    async def rolled_back(self) -> Manifest:
        restore = await self.phase("RolledBack")
        await self.assert_returned()
        return restore

    async def assert_restored(self) -> None:
        """The past is in a new volume behind a new claim; the old volume stays with the bytes it had."""
        claim, volume = await self._bound()
        assert claim["metadata"]["uid"] != self.claim["metadata"]["uid"]
        assert volume["metadata"]["name"] != self.old_name
        assert volume["spec"]["persistentVolumeReclaimPolicy"] == self.policy
        assert read_volume(self.place.path(volume)) == THEN
        await self.assert_old_kept()
        await self._assert_unheld()

    async def assert_returned(self) -> None:
        """The old volume is behind the claim, with its bytes and its policy."""
        claim, volume = await self._bound()
        assert volume["metadata"]["uid"] == self.volume["metadata"]["uid"]
        assert volume["spec"]["persistentVolumeReclaimPolicy"] == self.policy
        assert read_volume(self.place.path(volume)) == NOW
        assert claim["metadata"].get("labels") == self.claim["metadata"].get("labels")
        await self._assert_unheld()

    async def assert_untouched(self) -> None:
        """It is the same claim, the same volume and the same snapshot."""
        await self.assert_returned()
        claim = await self.place.get(CLAIMS, self.name)
        assert claim["metadata"]["uid"] == self.claim["metadata"]["uid"]
        assert claim["spec"] == self.claim["spec"]
        assert claim["metadata"].get("annotations") == self.claim["metadata"].get("annotations")

    async def assert_old_kept(self) -> None:
        """Nobody can lose the old volume."""
        volume = await self.place.get(VOLUMES, self.old_name)
        assert volume["metadata"]["uid"] == self.volume["metadata"]["uid"]
        assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
        assert "deletionTimestamp" not in volume["metadata"]
        assert read_volume(self.place.path(volume)) == NOW

    async def _bound(self) -> tuple[Manifest, Manifest]:
        claim = await self.place.get(CLAIMS, self.name)
        assert claim["status"]["phase"] == "Bound", claim["status"]
        assert "deletionTimestamp" not in claim["metadata"]
        volume = await self.place.volume(self.name)
        assert volume["spec"]["claimRef"]["uid"] == claim["metadata"]["uid"]
        return claim, volume

    async def _assert_unheld(self) -> None:
        snapshot = await self.place.get(SNAPSHOTS, self.snapshot["metadata"]["name"])
        assert keys.HOLD not in snapshot["metadata"].get("labels", {})

    async def volume_gone(self, volume: Manifest) -> None:
        """Wait until a volume is gone; its bytes go before."""
        await self.place.gone(VOLUMES, volume["metadata"]["name"])
        assert not self.place.path(volume).parent.exists()


async def staged(place: Place, name: str = "data", *, group: bool = True, **wanted: Any) -> Scene:  # noqa: ANN401
    """A scene.

    Args:
        place: where.
        name: of the claim, the group and the restore.
        group: whether there is a SnapshotGroup.
        wanted: of the claim, as of `objects.claim`.
    """
    bound = wanted.get("storageClassName") != "dir-wait"
    await place.claim(name, bound=bound, **wanted)
    if not bound:
        await place.pod(f"{name}-first", name)
        await place.bound(name)
        await place.end_pod(f"{name}-first")
    await place.write_data(THEN, name)
    snapshot = await place.group_snapshot(name, STAMP, name)
    await place.write_data(NOW, name)
    if group:
        await place.group(name, claim=name)
    claim = await place.get(CLAIMS, name)
    return Scene(place, name, claim, await place.volume(name), snapshot)


async def asked_by(scene: Scene) -> str:
    """The name of the VolumeRestore that the operator made for the group's annotation."""

    async def named() -> str:
        group = await scene.place.get(SNAPSHOT_GROUPS, scene.name)
        return str(group["status"]["restore"].get("name", ""))

    return await until(named)

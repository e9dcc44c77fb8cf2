"""What may be deleted from under a name: nothing that has a volume of its own, whoever puts it there and when."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from holdfast.policy.exchange import (
    CANCELLABLE,
    EXCLUSIVE,
    FINAL,
    MOST_DISPLACED,
    UNTOUCHED,
    Back,
    ClaimFacts,
    Gap,
    Phase,
    fill_gap,
    step_back,
)

OLD, NEW, FOREIGN, SNAPSHOT = "old", "new", "foreign", "snapshot"

claims = st.builds(
    ClaimFacts,
    uid=st.sampled_from(["original", "made", "stranger"]),
    volume=st.sampled_from(["", OLD, NEW, FOREIGN]),
    bound=st.booleans(),
    terminating=st.booleans(),
    source=st.sampled_from(["", SNAPSHOT, "another"]),
)


@given(claim=claims, displaced=st.integers(0, 5))
def test_what_is_removed_from_the_gap_has_no_volume(claim: ClaimFacts, displaced: int) -> None:
    gap = fill_gap(claim, original="original", old_volume=OLD, snapshot=SNAPSHOT, displaced=displaced)
    if gap is Gap.DISPLACE:
        assert not claim.volume
        assert claim.uid != "original"
        assert displaced < MOST_DISPLACED
    if claim.terminating:
        assert gap is Gap.WAIT_GONE


@given(claim=claims, known=st.booleans(), waits=st.booleans(), taken=st.booleans())
def test_what_a_rollback_removes_was_made_by_the_restore(
    claim: ClaimFacts, *, known: bool, waits: bool, taken: bool
) -> None:
    back = step_back(
        claim,
        original="original",
        old_volume=OLD,
        snapshot=SNAPSHOT,
        new_claim="made" if known else "",
        new_volume=NEW if known else "",
        volume_waits=waits,
        volume_taken=taken,
    )
    if back is Back.REMOVE_NEW:
        assert not (claim.bound and claim.volume == OLD)
        assert claim.uid == "made" or claim.volume == NEW if known else claim.source == SNAPSHOT
    if back in {Back.RELEASE, Back.CREATE}:
        assert not taken
        assert claim.volume in {"", OLD} or claim.terminating
    if claim.bound and claim.volume == FOREIGN and claim.uid == "stranger" and known:
        assert back in {Back.WAIT_GONE, Back.TAKEN, Back.BLOCKED}


@dataclass
class Cluster:
    """A name, who bears it, and whom the old volume names; the machine's acts and those of strangers."""

    bearer: ClaimFacts | None = None
    waits: bool = False
    displaced: int = 0
    new_claim: str = ""
    rolling_back: bool = False
    ended: bool = False
    removed: list[ClaimFacts] = field(default_factory=list)
    made: int = 0

    def stranger(self, act: str) -> None:
        if act == "delete" or self.bearer:
            self.bearer = None if act == "delete" else self.bearer
            return
        self.made += 1
        uid = f"stranger-{self.made}"
        volume = {"empty": "", "full": FOREIGN}.get(act)
        if volume is None:
            self.bearer = self._come(uid, source=SNAPSHOT)
        else:
            self.bearer = self._come(uid, volume=volume)

    def _come(self, uid: str, *, volume: str = "", source: str = "") -> ClaimFacts:
        """A claim without a volume gets the one that waits for its name, or one from its source."""
        if not volume and not source and self.waits:
            volume = OLD
        volume = f"volume-of-{uid}" if source else volume
        return ClaimFacts(uid, volume, bool(volume), terminating=False, source=source)

    def step(self) -> None:
        if self.ended:
            return
        if self.rolling_back:
            self._back()
        else:
            self._fill()

    def _fill(self) -> None:
        facts = self.bearer
        gap = fill_gap(
            facts, original="original", old_volume=OLD, snapshot=SNAPSHOT, displaced=self.displaced
        )
        if gap is Gap.CREATE:
            self.bearer = self._come("ours", source=SNAPSHOT)
        elif gap is Gap.DISPLACE:
            self.displaced += 1
            self._remove()
        elif gap is Gap.TAKEN_BACK:
            self.rolling_back = True
        elif gap is Gap.ADOPT and facts:
            self.new_claim, self.ended = facts.uid, True

    def _back(self) -> None:
        back = step_back(
            self.bearer,
            original="original",
            old_volume=OLD,
            snapshot=SNAPSHOT,
            new_claim=self.new_claim,
            new_volume="",
            volume_waits=self.waits,
            volume_taken=False,
        )
        if back is Back.REMOVE_NEW:
            self._remove()
        elif back is Back.RELEASE:
            self.waits = True
            if self.bearer and not self.bearer.volume:
                self.bearer = replace(self.bearer, volume=OLD, bound=True)
        elif back is Back.CREATE:
            self.bearer = self._come("returned")
        elif back is Back.FINISH:
            self.ended = True

    def _remove(self) -> None:
        assert self.bearer
        self.removed.append(self.bearer)
        self.bearer = None


acts = st.lists(st.sampled_from(["step", "empty", "full", "same", "delete", "roll back"]), max_size=30)


@given(acts)
def test_no_sequence_of_strangers_makes_the_machine_delete_their_volume(sequence: list[str]) -> None:
    cluster = Cluster()
    for act in sequence:
        if act == "step":
            cluster.step()
        elif act == "roll back":
            cluster.rolling_back = cluster.rolling_back or not cluster.ended
        else:
            cluster.stranger(act)
    assert all(claim.volume != FOREIGN for claim in cluster.removed)
    assert all(claim.volume != OLD for claim in cluster.removed)


@given(acts)
def test_when_strangers_leave_the_name_alone_every_exchange_ends(sequence: list[str]) -> None:
    cluster = Cluster()
    for act in sequence:
        if act == "step":
            cluster.step()
        elif act == "roll back":
            cluster.rolling_back = cluster.rolling_back or not cluster.ended
        else:
            cluster.stranger(act)
    if not cluster.ended:
        cluster.stranger("delete")
    for _ in range(6):
        cluster.step()
    assert cluster.ended


def test_phases_are_sorted_by_what_may_still_be_done() -> None:
    assert UNTOUCHED < CANCELLABLE
    assert not CANCELLABLE & FINAL
    assert {Phase.DELETE, Phase.WAIT_GONE, Phase.CREATE, Phase.ROLLING_BACK} <= EXCLUSIVE
    assert not EXCLUSIVE & (FINAL | {Phase.REQUESTED, Phase.SETTLE})

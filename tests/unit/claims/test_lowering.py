"""What is recorded once stays recorded; what is up again is recorded anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from holdfast.api.quiescing import WorkloadRecord
from holdfast.claims.lowering import merged
from holdfast.policy.quiescing import OVER, State


def record(uid: str, state: State, replicas: int = 1) -> WorkloadRecord:
    return WorkloadRecord(
        api_version="apps/v1",
        kind="StatefulSet",
        name=uid,
        namespace="web",
        uid=uid,
        replicas=replicas,
        state=state,
    )


uids = st.lists(st.sampled_from("abcd"), unique=True)


@given(known=uids, found=uids, states=st.lists(st.sampled_from(State), min_size=4, max_size=4))
def test_nothing_that_is_down_loses_its_record(
    known: list[str], found: list[str], states: list[State]
) -> None:
    before = [record(uid, state) for uid, state in zip(known, states, strict=False)]
    after = merged(before, [record(uid, State.RECORDED, 9) for uid in found])
    assert [r.uid for r in after] == [*known, *(uid for uid in found if uid not in known)]
    for old, new in zip(before, after, strict=False):
        again = old.state in OVER and old.uid in found
        assert new.replicas == (9 if again else old.replicas)
        assert new.state == (State.RECORDED if again else old.state)

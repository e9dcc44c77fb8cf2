"""Objects that are there already."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.policy.restoring.conflicts import OnConflict, judge, merge_patch

Document = dict[str, Any]


def thing(data: object = None, **metadata: Any) -> Document:  # noqa: ANN401
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "app"} | metadata,
        "data": data or {},
    }


def judged(live: Document, saved: Document, asked: OnConflict, resource: str = "configmaps") -> Any:  # noqa: ANN401
    return judge(resource, live, saved, saved, asked)


@pytest.mark.parametrize("asked", OnConflict)
def test_an_object_as_it_was_saved_is_left_alone(asked: OnConflict) -> None:
    live = thing({"a": "1"}, uid="1", resourceVersion="2", labels={"velero.io/restore-name": "other"})
    assert judged(live, thing({"a": "1"}), asked).act is None


def test_by_default_one_that_differs_stays_and_the_fields_are_told() -> None:
    verdict = judged(thing({"a": "2"}), thing({"a": "1"}), OnConflict.SKIP)
    assert verdict.act is None
    assert [(c.path, c.old, c.new) for c in verdict.differing] == [("data.a", "2", "1")]


def test_a_patch_also_takes_away_what_was_added_since() -> None:
    verdict = judged(thing({"a": "1", "new": "x"}), thing({"a": "1"}), OnConflict.PATCH)
    assert (verdict.act, verdict.patch) == (OnConflict.PATCH, {"data": {"new": None}})


def test_what_a_restore_takes_out_itself_is_not_taken_from_the_live_object() -> None:
    live = thing() | {"spec": {"clusterIP": "10.0.0.9", "ports": [1]}}
    saved = thing() | {"spec": {"clusterIP": "10.0.0.1", "ports": [2]}}
    sent = thing() | {"spec": {"ports": [2]}}
    assert merge_patch(live, saved, sent) == {"spec": {"ports": [2]}}


def test_accounts_only_ever_gain() -> None:
    live = thing(annotations={"a": "mine"}) | {"secrets": [{"name": "now"}]}
    saved = thing(annotations={"a": "old", "b": "old"}) | {"secrets": [{"name": "then"}]}
    verdict = judged(live, saved, OnConflict.SKIP, "serviceaccounts")
    assert verdict.patch == {
        "metadata": {"annotations": {"b": "old"}},
        "secrets": [{"name": "now"}, {"name": "then"}],
    }


@pytest.mark.parametrize("asked", OnConflict)
def test_nothing_is_ever_taken_from_an_account(asked: OnConflict) -> None:
    live = thing(annotations={"new": "x"}) | {"imagePullSecrets": [{"name": "new"}]}
    verdict = judged(live, thing(), asked, "serviceaccounts")
    assert (verdict.act, verdict.differing) == (None, ())


def test_an_account_that_was_kept_from_the_api_stays_so() -> None:
    saved = thing() | {"automountServiceAccountToken": False}
    assert judged(thing(), saved, OnConflict.SKIP, "serviceaccounts").patch == {
        "automountServiceAccountToken": False
    }
    other = judged(
        thing() | {"automountServiceAccountToken": True}, saved, OnConflict.SKIP, "serviceaccounts"
    )
    assert (other.act, other.why != "") == (None, True)


@pytest.mark.parametrize(
    "resource",
    ["namespaces", "persistentvolumeclaims", "customresourcedefinitions.apiextensions.k8s.io"],
)
def test_what_carries_others_is_never_made_anew(resource: str) -> None:
    verdict = judged(thing({"a": "2"}), thing({"a": "1"}), OnConflict.RECREATE, resource)
    assert verdict.act is None
    assert "never deleted" in verdict.why


def test_nor_is_what_somebody_holds_by_a_finalizer() -> None:
    live = thing({"a": "2"}, finalizers=["acme.example/backup"])
    verdict = judged(live, thing({"a": "1"}), OnConflict.RECREATE)
    assert verdict.act is None
    assert "acme.example/backup" in verdict.why


def volume(claim: str, phase: str) -> Document:
    reference = {"namespace": "shop", "name": claim, "uid": "1"}
    return thing() | {"spec": {"claimRef": reference}, "status": {"phase": phase}}


def test_a_released_volume_is_freed_for_its_own_claim() -> None:
    verdict = judged(volume("data", "Released"), volume("data", ""), OnConflict.SKIP, "persistentvolumes")
    assert verdict.patch == {"spec": {"claimRef": {"uid": None, "resourceVersion": None}}}


def test_a_volume_is_never_taken_from_another_claim() -> None:
    verdict = judged(volume("other", "Bound"), volume("data", ""), OnConflict.PATCH, "persistentvolumes")
    assert verdict.act is None
    assert "belongs to claim shop/other" in verdict.fatal


values = st.recursive(
    st.integers(0, 2) | st.text("ab", max_size=1),
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=6,
)
datas = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


def applied(document: Any, patch: Any) -> Any:  # noqa: ANN401
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    found = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = applied(found.get(key), value)
    return found


@given(datas, datas)
def test_a_patched_object_is_what_was_saved(there: Document, saved: Document) -> None:
    live = thing(there)
    patch = merge_patch(copy.deepcopy(live), thing(saved), thing(saved))
    assert applied(live, patch or {})["data"] == saved

"""What happens to an object that is there already and should come back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from holdfast.api.keys import VELERO_BACKUP_NAME, VELERO_RESTORE_NAME
from holdfast.policy.differing import MISSING, changes, wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.policy.differing import Change

Document = dict[str, Any]
_NEVER_RECREATED = frozenset(
    {
        "namespaces",
        "customresourcedefinitions.apiextensions.k8s.io",
        "persistentvolumes",
        "persistentvolumeclaims",
        "volumesnapshots.snapshot.storage.k8s.io",
        "volumesnapshotcontents.snapshot.storage.k8s.io",
        "storageclasses.storage.k8s.io",
    }
)
"""What goes with them cannot be made again."""
_OF_RESTORES = frozenset({VELERO_BACKUP_NAME, VELERO_RESTORE_NAME})
_OWN_FINALIZERS = frozenset({"foregroundDeletion", "orphan"})
_MERGED = ("secrets", "imagePullSecrets")


class OnConflict(Enum):
    """What to do with an object that differs from the saved one."""

    SKIP = "skip"
    PATCH = "patch"
    REPLACE = "replace"
    RECREATE = "recreate"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done.

    Attributes:
        act: None: nothing.
        patch: a JSON merge patch, where the act is PATCH.
        why: where nothing is done although it differs, in words for people.
        fatal: why nothing can be done, although something would have to be.
        differing: the fields in which the saved object differs from the one that is there.
    """

    act: OnConflict | None = None
    patch: Document | None = None
    why: str = ""
    fatal: str = ""
    differing: tuple[Change, ...] = ()


def judge(resource: str, live: Document, saved: Document, sent: Document, asked: OnConflict) -> Verdict:
    """Decide.

    Args:
        resource: `deployments.apps`.
        live: the object that is there.
        saved: the object as it stands in the backup.
        sent: the object as it was to be made.
        asked: what the user wants.
    """
    if resource == "serviceaccounts":
        return _judge_account(live, sent)
    if resource == "persistentvolumes" and (verdict := _judge_volume(live, sent)):
        return verdict
    found = differences(live, sent)
    if not found and not (asked is not OnConflict.SKIP and merge_patch(live, saved, sent)):
        return Verdict()
    if asked is OnConflict.SKIP:
        return Verdict(why="it exists and differs from the saved one", differing=found)
    if asked is OnConflict.RECREATE and (why := _kept(resource, live)):
        return Verdict(why=why, differing=found)
    patch = merge_patch(live, saved, sent) if asked is OnConflict.PATCH else None
    return Verdict(asked, patch, differing=found)


def differences(live: Document, sent: Document) -> tuple[Change, ...]:
    """The fields of the saved object that the live one has otherwise. What only the live one has is no difference."""
    found = changes(_comparable(live), _comparable(sent))
    return tuple(change for change in found if change.new is not MISSING)


def merge_patch(live: Document, saved: Document, sent: Document) -> Document | None:
    """The JSON merge patch that makes the live object what was saved.

    What the live object has in addition goes, but for what a restore takes out of objects by itself (addresses,
    ports of nodes): that is the server's. None: nothing would change.
    """
    return _patch(_comparable(live), saved, _comparable(sent))


def _comparable(document: Document) -> Document:
    """An object without what is new in each cluster and each restore."""
    found = wanted(document)
    metadata = {k: v for k, v in found["metadata"].items() if k not in {"labels", "ownerReferences"}}
    labels = document["metadata"].get("labels") or {}
    if kept := {k: v for k, v in labels.items() if k not in _OF_RESTORES}:
        metadata["labels"] = kept
    return {k: v for k, v in found.items() if k not in {"apiVersion", "kind"}} | {"metadata": metadata}


def _patch(live: Mapping[str, Any], saved: Mapping[str, Any], sent: Mapping[str, Any]) -> Document | None:
    found: Document = {}
    for key in {**live, **sent}:
        before, after = live.get(key), sent.get(key)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            deeper = saved.get(key)
            if below := _patch(before, deeper if isinstance(deeper, dict) else {}, after):
                found[key] = below
        elif after is not None or (key not in saved and not _of_server(key)):
            found[key] = after
    return found or None


def _of_server(key: str) -> bool:
    """Fields that servers fill by themselves, which a patch must not take away."""
    return key in {"finalizers", "nodeName", "clusterIP", "clusterIPs", "volumeName", "nodePort"}


def _judge_account(live: Document, sent: Document) -> Verdict:
    """Accounts only ever gain, whatever is asked: others have put into them what they need."""
    found = differences(live, sent)
    if patch := _merged(live, sent):
        return Verdict(OnConflict.PATCH, patch, differing=found)
    return Verdict(why="accounts are only added to", differing=found) if found else Verdict()


def _merged(live: Document, sent: Document) -> Document | None:
    """What a ServiceAccount lacks; nothing that it has is changed."""
    found: Document = {}
    for key in ("labels", "annotations"):
        there, here = live["metadata"].get(key) or {}, sent["metadata"].get(key) or {}
        if lacking := {k: v for k, v in here.items() if k not in there and k not in _OF_RESTORES}:
            found.setdefault("metadata", {})[key] = lacking
    if "automountServiceAccountToken" in sent and "automountServiceAccountToken" not in live:
        found["automountServiceAccountToken"] = sent["automountServiceAccountToken"]
    for key in _MERGED:
        names = [each.get("name") for each in live.get(key) or ()]
        if lacking_refs := [each for each in sent.get(key) or () if each.get("name") not in names]:
            found[key] = [*(live.get(key) or ()), *lacking_refs]
    return found or None


def _kept(resource: str, live: Document) -> str:
    """Why an object must not be deleted to be made anew; empty: it may."""
    if resource in _NEVER_RECREATED:
        return f"{resource} are never deleted to be made anew: what hangs on them would go, too"
    foreign = sorted(set(live["metadata"].get("finalizers") or ()) - _OWN_FINALIZERS)
    return f"it has the finalizer {foreign[0]}: whose it is would act on its deletion" if foreign else ""


def _judge_volume(live: Document, sent: Document) -> Verdict | None:
    """A volume that is there: free it for its claim if nobody has it, and never take it from another."""
    there, here = (each.get("spec", {}).get("claimRef") or {} for each in (live, sent))
    mine = all(there.get(name) == here.get(name) for name in ("namespace", "name"))
    if there and not mine:
        owner = f"{there.get('namespace')}/{there.get('name')}"
        return Verdict(fatal=f"volume {sent['metadata']['name']} belongs to claim {owner}")
    if mine and live.get("status", {}).get("phase") == "Released":
        return Verdict(OnConflict.PATCH, {"spec": {"claimRef": {"uid": None, "resourceVersion": None}}})
    return None

"""The Backup that a Schedule makes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from holdfast.backups.scheduling import backup_of

NOW = datetime(2026, 8, 21, 3, 0, 5, tzinfo=UTC)


def schedule(**spec: Any) -> dict[str, Any]:  # noqa: ANN401  (any field)
    metadata = {
        "name": "nightly",
        "namespace": "velero",
        "uid": "7",
        "labels": {"tier": "gold"},
        "annotations": {"owner": "ops", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
    }
    return {"metadata": metadata, "spec": {"schedule": "@daily", "template": {"ttl": "1h"}} | spec}


def test_its_name_ends_with_the_time_and_it_bears_what_the_schedule_bears() -> None:
    made = backup_of(schedule(), NOW)
    assert made["metadata"] == {
        "name": "nightly-20260821030005",
        "namespace": "velero",
        "labels": {"tier": "gold", "velero.io/schedule-name": "nightly"},
        "annotations": {"owner": "ops", "holdfast.dev/schedule-uid": "7"},
    }
    assert made["spec"] == {"ttl": "1h"}


def test_labels_of_the_template_take_the_place_of_those_of_the_schedule() -> None:
    made = backup_of(schedule(template={"metadata": {"labels": {"a": "b"}}}), NOW)
    assert made["metadata"]["labels"] == {"a": "b", "velero.io/schedule-name": "nightly"}


def test_an_owner_only_where_it_is_wanted() -> None:
    (owner,) = backup_of(schedule(useOwnerReferencesInBackup=True), NOW)["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"]) == ("Schedule", "nightly", "7")

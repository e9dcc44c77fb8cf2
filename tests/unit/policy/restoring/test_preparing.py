"""Objects as they are made anew."""

from __future__ import annotations

import json
from typing import Any

import pytest

from holdfast.api.keys import VELERO_BACKUP_NAME, VELERO_RESTORE_NAME
from holdfast.policy.restoring.preparing import (
    Change,
    MalformedError,
    prepared,
)

CHANGE = Change("nightly", "back", namespaces={"shop": "copy"}, classes={"slow": "fast"})


def made(resource: str, change: Change = CHANGE, /, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    document = {"metadata": {"name": "it", "namespace": "shop"}} | fields
    return prepared(json.loads(json.dumps(document)), resource, change)


def test_what_the_old_cluster_wrote_goes_and_what_people_wrote_stays() -> None:
    metadata = {
        "name": "it",
        "namespace": "shop",
        "uid": "1",
        "resourceVersion": "2",
        "generation": 3,
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "managedFields": [{}],
        "ownerReferences": [{}],
        "finalizers": ["acme.example/keep"],
        "labels": {"app": "web"},
        "annotations": {"note": "mine"},
    }
    assert made("configmaps", metadata=metadata, data={"a": "b"}, status={"x": 1}) == {
        "metadata": {
            "name": "it",
            "namespace": "copy",
            "finalizers": ["acme.example/keep"],
            "labels": {"app": "web", VELERO_BACKUP_NAME: "nightly", VELERO_RESTORE_NAME: "back"},
            "annotations": {"note": "mine"},
        },
        "data": {"a": "b"},
    }


def test_a_namespace_gets_its_new_name() -> None:
    metadata = {"name": "shop", "labels": {"kubernetes.io/metadata.name": "shop", "team": "blue"}}
    namespace = made("namespaces", metadata=metadata, spec={"finalizers": ["kubernetes"]})
    assert namespace["metadata"]["name"] == "copy"
    assert set(namespace["metadata"]["labels"]) == {"team", VELERO_BACKUP_NAME, VELERO_RESTORE_NAME}
    assert "spec" not in namespace


def service(ports: list[dict[str, int]], applied: object = None, **spec: Any) -> dict[str, Any]:  # noqa: ANN401
    notes = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(applied)} if applied else {}
    metadata = {"name": "it", "namespace": "shop", "annotations": notes}
    return {
        "metadata": metadata,
        "spec": {"ports": ports, "clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"]} | spec,
    }


@pytest.mark.parametrize("applied", [None, [1], {"spec": None}, {"spec": {"ports": [{"port": 80}]}}])
def test_addresses_and_ports_that_the_server_chose_are_chosen_anew(applied: object) -> None:
    spec = made("services", **service([{"port": 80, "nodePort": 30001}], applied, healthCheckNodePort=30002))[
        "spec"
    ]
    assert spec == {"ports": [{"port": 80}]}


def test_a_port_that_somebody_asked_for_stays() -> None:
    applied = {"spec": {"ports": [{"port": 80, "nodePort": 30001}]}}
    ports = [{"port": 80, "nodePort": 30001}, {"port": 81, "nodePort": 30003}]
    assert made("services", **service(ports, applied))["spec"]["ports"] == [
        {"port": 80, "nodePort": 30001},
        {"port": 81},
    ]


def test_all_ports_stay_when_that_is_wanted_and_a_headless_service_stays_headless() -> None:
    change = Change("nightly", "back", node_ports=True)
    found = made(
        "services",
        change,
        **service([{"port": 80, "nodePort": 30001}], clusterIP="None", clusterIPs=["None"]),
    )
    assert found["spec"] == {
        "ports": [{"port": 80, "nodePort": 30001}],
        "clusterIP": "None",
        "clusterIPs": ["None"],
    }


def test_a_job_gets_a_selector_of_its_own_unless_it_is_somebody_s() -> None:
    labels = {"controller-uid": "1", "batch.kubernetes.io/controller-uid": "1", "job-name": "it"}
    own = {"matchLabels": {"batch.kubernetes.io/controller-uid": "1"}}
    template = {"metadata": {"labels": labels}}
    found = made("jobs.batch", spec={"selector": own, "template": template})["spec"]
    assert found == {"template": {"metadata": {"labels": {"job-name": "it"}}}}
    by_hand = {"manualSelector": True, "selector": {"matchLabels": {"app": "x"}}}
    assert made("jobs.batch", spec=by_hand)["spec"] == by_hand


def test_a_pod_is_scheduled_anew_and_loses_the_tokens_of_old_clusters() -> None:
    volumes = [{"name": "web-token-x"}, {"name": "data"}]
    container = {"name": "c", "volumeMounts": [{"name": "web-token-x"}, {"name": "data"}]}
    spec = {
        "nodeName": "n",
        "priority": 5,
        "serviceAccountName": "web",
        "volumes": volumes,
        "containers": [container],
    }
    assert made("pods", spec=spec)["spec"] == {
        "serviceAccountName": "web",
        "volumes": [{"name": "data"}],
        "containers": [{"name": "c", "volumeMounts": [{"name": "data"}]}],
    }


def test_a_token_secret_is_filled_anew_and_its_account_forgets_the_old_one() -> None:
    notes = {"kubernetes.io/service-account.name": "it", "kubernetes.io/service-account.uid": "1"}
    secret = made(
        "secrets",
        metadata={"name": "it-token-x", "namespace": "shop", "annotations": notes},
        type="kubernetes.io/service-account-token",
        data={"token": "t", "ca.crt": "c", "namespace": "n", "more": "m"},
    )
    assert secret["data"] == {"more": "m"}
    assert secret["metadata"]["annotations"] == {"kubernetes.io/service-account.name": "it"}
    assert made("secrets", data={"token": "mine"})["data"] == {"token": "mine"}
    account = made("serviceaccounts", secrets=[{"name": "it-token-x"}, {"name": "mine"}])
    assert account["secrets"] == [{"name": "mine"}]


def test_namespaces_and_classes_change_wherever_they_stand() -> None:
    subjects = [{"kind": "ServiceAccount", "name": "a", "namespace": "shop"}, {"kind": "User", "name": "u"}]
    binding = made("rolebindings.rbac.authorization.k8s.io", subjects=subjects)
    assert [s.get("namespace") for s in binding["subjects"]] == ["copy", None]
    assert made("persistentvolumeclaims", spec={"storageClassName": "slow"})["spec"] == {
        "storageClassName": "fast"
    }
    claim_template = {"metadata": {"name": "data"}, "spec": {"storageClassName": "slow"}}
    found = made("statefulsets.apps", spec={"volumeClaimTemplates": [claim_template]})
    assert found["spec"]["volumeClaimTemplates"][0]["spec"] == {"storageClassName": "fast"}
    ref = {"namespace": "shop", "name": "data", "uid": "1", "resourceVersion": "2"}
    volume = made("persistentvolumes", metadata={"name": "pv"}, spec={"claimRef": ref})
    assert volume["spec"]["claimRef"] == {"namespace": "copy", "name": "data"}


@pytest.mark.parametrize(
    "resource", ["pods", "services", "jobs.batch", "serviceaccounts", "persistentvolumes"]
)
def test_an_object_with_nothing_in_it_is_no_reason_to_fail(resource: str) -> None:
    assert made(resource)["metadata"]["name"] == "it"


@pytest.mark.parametrize("spec", [None, "text", 5, [1]])
def test_a_document_that_is_not_of_its_kind_is_named(spec: object) -> None:
    with pytest.raises(MalformedError, match="services it is not of the form of its kind"):
        made("services", spec=spec)

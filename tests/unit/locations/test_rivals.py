from __future__ import annotations

import pytest

from holdfast.api.meta import Metadata
from holdfast.locations.rivals import PodPhase, Program, ProgramsOfPod, ServerPod, is_velero


def pod(phase: str = "Running", **program: object) -> ServerPod:
    container = Program(**program)  # type: ignore[arg-type]
    return ServerPod(
        metadata=Metadata(name="a", namespace="velero"),
        spec=ProgramsOfPod(containers=[container]),
        status=PodPhase(phase=phase),
    )


@pytest.mark.parametrize("phase", ["Pending", "Running", "Unknown", ""])
def test_a_pod_that_starts_a_velero_server_is_one(phase: str) -> None:
    assert is_velero(pod(phase, image="any", command=["/velero"], args=["server", "--uploader-type=kopia"]))
    assert is_velero(pod(phase, image="mirror:5000/velero/velero:v1.18.2", args=["server"]))


def test_what_velero_starts_besides_its_server_is_none() -> None:
    image = "velero/velero:v1.18.2"
    assert not is_velero(pod(image=image, command=["/velero"], args=["node-agent", "server"]))
    assert not is_velero(pod(image=image, command=["/velero", "repo-maintenance"]))
    assert not is_velero(pod(image=image))
    assert not is_velero(pod("Succeeded", command=["/velero"], args=["server"]))

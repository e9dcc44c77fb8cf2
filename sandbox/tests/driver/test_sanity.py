"""The conformance suite of the CSI project, and the list of what it skips."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from holdfast_sandbox import tools

if TYPE_CHECKING:
    from sandbox.tests.driver.conftest import Driver

SKIPS: dict[str, str] = json.loads(Path(__file__).with_name("sanity-skips.json").read_text())


@pytest.mark.parametrize("access", ["mount", "block"])
def test_csi_sanity_passes_and_skips_only_what_is_listed(driver: Driver, tmp_path: Path, access: str) -> None:
    if os.geteuid():
        pytest.skip("the node part of csi-sanity mounts, which needs root")

    states = _run_sanity(driver, tmp_path, access)

    assert {name for name, state in states.items() if state == "skipped"} == set(SKIPS)
    failed = {name: state for name, state in states.items() if state not in ("passed", "skipped", "pending")}
    assert not failed
    assert sum(state == "passed" for state in states.values()) > 2 * len(SKIPS)


def test_csi_sanity_passes_for_the_controller_without_root(driver: Driver, tmp_path: Path) -> None:
    states = _run_sanity(driver, tmp_path, "mount", "--ginkgo.skip", "Node Service")

    allowed = {"passed", "pending", "skipped"}
    assert {name: state for name, state in states.items() if state not in allowed} == {}
    assert "passed" in states.values()


def test_no_capability_is_offered_that_makes_the_suite_skip(driver: Driver) -> None:
    services = ("Controller", "GroupController", "Node")
    answers = [driver.call(f"{service}GetCapabilities") for service in services]

    offered = {
        each.rpc.DESCRIPTOR.fields_by_name["type"].enum_type.values_by_number[each.rpc.type].name
        for answer in answers
        for each in answer.capabilities
    }

    assert "CREATE_DELETE_SNAPSHOT" in offered
    assert not offered & set(SKIPS.values())


def _run_sanity(driver: Driver, directory: Path, access: str, *options: str) -> dict[str, str]:
    """State of each test by its full name."""
    report = directory / "report.json"
    folders = ["-csi.mountdir", directory / "mounts", "-csi.stagingdir", directory / "staging"]
    command = [tools.ensure().programs["csi-sanity"], "-csi.endpoint", driver.socket, *folders]
    command += ["-csi.testvolumeaccesstype", access, "--ginkgo.json-report", report, *options]
    subprocess.run([str(each) for each in command], check=False, capture_output=True, timeout=120)
    (suite,) = json.loads(report.read_text())
    nodes = [spec for spec in suite["SpecReports"] if spec["LeafNodeType"] == "It"]
    return {
        " / ".join([*spec["ContainerHierarchyTexts"], spec["LeafNodeText"]]): spec["State"] for spec in nodes
    }

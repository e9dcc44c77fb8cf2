"""`holdfast doctor` in a cluster of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cluster.cli.program import Program

if TYPE_CHECKING:
    from holdfast_sandbox import Sandbox

pytestmark = pytest.mark.cluster

DEFAULT = "snapshot.storage.kubernetes.io/is-default-class"


async def levels(sandbox: Sandbox) -> tuple[int, dict[str, set[str]]]:
    ended = await Program(sandbox.kubeconfig)("doctor", "-o", "json", "--operator-namespace", "doctored")
    found: dict[str, set[str]] = {}
    for finding in ended.json["findings"]:
        assert bool(finding["remedy"]) == (finding["level"] != "OK"), finding
        found.setdefault(finding["check"], set()).add(finding["level"])
    return ended.code, found


async def test_before_and_after_an_installation(bare: Sandbox) -> None:
    code, before = await levels(bare)
    assert code == 1
    assert (before["kinds"], before["rights"]) == ({"FAIL"}, {"FAIL"})
    await Program(bare.kubeconfig, "doctored")("install")
    _, after = await levels(bare)
    assert (after["kinds"], after["rights"], after["your rights"]) == ({"OK"}, {"OK"}, {"OK"})


async def test_a_second_default_class_is_a_failure(own: Sandbox) -> None:
    await own.kubectl("annotate", "volumesnapshotclass", "dir-keep", f"{DEFAULT}=true")
    try:
        code, found = await levels(own)
    finally:
        await own.kubectl("annotate", "volumesnapshotclass", "dir-keep", f"{DEFAULT}-")
    assert (code, found["classes"]) == (1, {"FAIL"})


async def test_a_gemini_pod_is_a_warning(own: Sandbox) -> None:
    await own.kubectl("run", "gemini", "--image=quay.io/fairwinds/gemini:2.0")
    try:
        _, found = await levels(own)
    finally:
        await own.kubectl("delete", "pod", "gemini", "--force")
    assert found["gemini"] == {"WARN"}


async def test_a_user_without_rights_is_told_which(own: Sandbox) -> None:
    await own.kubectl("create", "serviceaccount", "nobody")
    token = (await own.kubectl("create", "token", "nobody")).strip()
    config = own.directory / "nobody.kubeconfig"
    config.write_text(await own.kubectl("config", "view", "--raw", "--flatten"))
    await own.kubectl("config", "set-credentials", "nobody", f"--token={token}", "--kubeconfig", str(config))
    await own.kubectl("config", "set-context", "--current", "--user=nobody", "--kubeconfig", str(config))
    found = await Program(config)("doctor")
    refused = await Program(config)("snapshot", "list")
    assert "you may not get, list, patch snapshotgroups" in found.out
    assert refused.code == 7
    assert "volumesnapshots" in refused.err

"""Are the kinds there that snapshots and restores are made of?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.crds import DEFINITIONS
from holdfast.api.resource import CONTENTS, CRDS, SNAPSHOT_CLASSES, SNAPSHOTS, Resource
from holdfast.cli.diagnosis.findings import Finding, fail, ok
from holdfast.kube import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.kube.client import Client

CHECK = "kinds"
_OURS = tuple(definition.resource for definition in DEFINITIONS)
_OF_CSI = (SNAPSHOTS, CONTENTS, SNAPSHOT_CLASSES)
_INSTALL = "Run `holdfast install`."
_INSTALL_CSI = "Install the CRDs of kubernetes-csi/external-snapshotter, client/config/crd."


async def check(client: Client) -> list[Finding]:
    """Each CustomResourceDefinition: there, served in the version that is used, and ours with a status."""
    findings = []
    for resource in (*_OURS, *_OF_CSI):
        remedy = _INSTALL if resource in _OURS else _INSTALL_CSI
        try:
            definition = await client.get(CRDS, resource.qualified)
        except errors.NotFound:
            findings.append(fail(CHECK, f"{resource.qualified} is not there", remedy))
            continue
        findings += [fail(CHECK, problem, remedy) for problem in problems(definition, resource)]
    return findings or [ok(CHECK, f"{len(_OURS) + len(_OF_CSI)} kinds are served")]


def problems(definition: dict[str, Any], resource: Resource) -> Iterator[str]:
    """What is wrong with a definition."""
    conditions = {c["type"]: c["status"] for c in definition.get("status", {}).get("conditions", [])}
    if conditions.get("Established") != "True":
        yield f"{resource.qualified} is not established"
    versions = {v["name"]: v for v in definition["spec"]["versions"] if v["served"]}
    version = versions.get(resource.version)
    if version is None:
        yield f"{resource.qualified} is not served as {resource.version}, only as {', '.join(versions) or 'nothing'}"
    elif resource in _OURS and "status" not in version.get("subresources", {}):
        yield f"{resource.qualified} has no status: it is Gemini's, not taken over yet"

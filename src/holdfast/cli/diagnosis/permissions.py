"""May the operator's account do what it needs, and may this user do what the verbs need?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from holdfast.api import resource as kinds
from holdfast.api.resource import ACCESS_REVIEWS, Resource
from holdfast.cli.diagnosis.findings import Finding, ok, warn
from holdfast.cli.diagnosis.findings import fail as failed
from holdfast.kube import reviewing
from holdfast.operator.manifests.rights import BESIDE_VELERO, CLUSTER_WIDE, IN_OWN_NAMESPACE, Right

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdfast.cli.connecting import Cluster
    from holdfast.kube.client import Client
    from holdfast.operator.manifests import Settings

SUBJECT_REVIEWS = Resource(
    "authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", namespaced=False
)
_AT_ONCE = 16
_NAMED = 5
Question = tuple[str, str, dict[str, str]]
"""A verb, on what, and both as the attributes of an access review."""
_VERBS_NEED = (
    Right(kinds.SNAPSHOT_GROUPS, ("get", "list", "patch"), "group"),
    Right(kinds.VOLUME_RESTORES, ("list", "create", "patch"), "group restore"),
    Right(kinds.SNAPSHOTS, ("list", "create", "patch", "delete"), "snapshot"),
    Right(kinds.CLAIMS, ("get", "list", "create"), "clone"),
    Right(kinds.SNAPSHOT_CLASSES, ("list",), "snapshot take"),
    Right(kinds.VOLUMES, ("get",), "snapshot take"),
)


async def operator(client: Client, settings: Settings) -> list[Finding]:
    """Every right of the installation, asked for the operator's account."""
    user = {"user": settings.account, "groups": _groups(settings)}
    asked = [
        *_expanded(CLUSTER_WIDE, None),
        *_expanded(IN_OWN_NAMESPACE, settings.namespace),
        *_expanded(BESIDE_VELERO, settings.velero_namespace),
    ]
    missing = await _missing(client, SUBJECT_REVIEWS, asked, user)
    if missing:
        return [
            failed("rights", f"{settings.account} may not {'; '.join(missing)}", "Run `holdfast install`.")
        ]
    return [ok("rights", f"the operator's account has all {len(asked)} rights")]


async def user(cluster: Cluster) -> list[Finding]:
    """What the verbs of the command line need, asked for the present user in the present namespace."""
    asked = [*_expanded(_VERBS_NEED, cluster.namespace)]
    missing = await _missing(cluster.client, ACCESS_REVIEWS, asked, {})
    if missing:
        remedy = "Ask for these rights if you need the verbs."
        said = f"you may not {_some(missing)} in namespace {cluster.namespace}"
        return [warn("your rights", said, remedy)]
    return [ok("your rights", f"you may use every verb in namespace {cluster.namespace}")]


def _groups(settings: Settings) -> list[str]:
    return ["system:serviceaccounts", f"system:serviceaccounts:{settings.namespace}", "system:authenticated"]


def _expanded(rights: Iterable[Right], namespace: str | None) -> Iterable[Question]:
    """One question for each verb."""
    for right in rights:
        for verb in right.verbs:
            attributes = {"verb": verb, "group": right.resource.group, "resource": right.resource.plural}
            attributes |= {"subresource": right.subresource} if right.subresource else {}
            attributes |= {"namespace": namespace} if namespace and right.resource.namespaced else {}
            yield verb, right.plural, attributes


async def _missing(
    client: Client, reviews: Resource, questions: list[Question], who: dict[str, Any]
) -> list[str]:
    """What is not allowed, as `get, list pods`."""
    limit = asyncio.Semaphore(_AT_ONCE)

    async def allowed(attributes: dict[str, str]) -> bool:
        async with limit:
            return await reviewing.allowed(client, attributes, reviews=reviews, who=who)

    answers = await asyncio.gather(*(allowed(attributes) for _, _, attributes in questions))
    refused: dict[str, list[str]] = {}
    for (verb, plural, _), fine in zip(questions, answers, strict=True):
        if not fine:
            refused.setdefault(plural, []).append(verb)
    return [f"{', '.join(verbs)} {plural}" for plural, verbs in refused.items()]


def _some(missing: list[str]) -> str:
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return "; ".join(missing[:_NAMED]) + more

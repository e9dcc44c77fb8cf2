"""Asking the API server whether something is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdfast.api.resource import ACCESS_REVIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.api.resource import Resource
    from holdfast.kube.client import Client


async def allowed(
    client: Client,
    attributes: Mapping[str, str],
    *,
    reviews: Resource = ACCESS_REVIEWS,
    who: Mapping[str, Any] | None = None,
) -> bool:
    """Whether it is; errors as the client raises them.

    Args:
        client: the cluster.
        attributes: `resourceAttributes` of the review: verb, group, resource and so on.
        reviews: the kind of review; by default the one about whoever asks.
        who: fields that say about whom, for other kinds.
    """
    review = {
        "apiVersion": reviews.api_version,
        "kind": reviews.kind,
        "metadata": {},
        "spec": {"resourceAttributes": dict(attributes), **(who or {})},
    }
    return bool((await client.create(reviews, review))["status"]["allowed"])

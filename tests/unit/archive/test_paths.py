"""Where items stand in a tarball."""

from __future__ import annotations

import pytest

from holdfast.archive.paths import ItemKey, Place, understood

WEB = ItemKey("deployments.apps", "shop", "web")
READER = ItemKey("clusterroles.rbac.authorization.k8s.io", "", "shop:reader")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("resources/deployments.apps/namespaces/shop/web.json", Place(WEB)),
        ("resources/deployments.apps/v1-preferredversion/namespaces/shop/web.json", Place(WEB, "v1")),
        (
            "resources/deployments.apps/v1beta1/namespaces/shop/web.json",
            Place(WEB, "v1beta1", preferred=False),
        ),
        ("resources/clusterroles.rbac.authorization.k8s.io/cluster/shop:reader.json", Place(READER)),
        ("resources/pods/namespaces/a/b.json.json", Place(ItemKey("pods", "a", "b.json"))),
    ],
)
def test_items(path: str, place: Place) -> None:
    assert understood(path) == place


@pytest.mark.parametrize(
    "path",
    [
        "metadata/version",
        "resources/pods/namespaces/a/../b.json",
        "resources//namespaces/a/b.json",
        "resources/pods/namespaces/a/b.yaml",
        "resources/pods/x/y/namespaces/a/b.json",
        "/resources/pods/namespaces/a/b.json",
        "",
    ],
)
def test_what_is_no_item(path: str) -> None:
    assert understood(path) is None

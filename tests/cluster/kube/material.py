"""Servers, certificates and tokens of the sandbox, to build kubeconfigs from."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Material:
    server: str
    authority: bytes
    certificate: bytes
    key: bytes
    token: str

    @property
    def cluster(self) -> dict[str, Any]:
        return {"server": self.server, "certificate-authority-data": encoded(self.authority)}

    @property
    def user(self) -> dict[str, Any]:
        return {"client-certificate-data": encoded(self.certificate), "client-key-data": encoded(self.key)}


def material_of(kubeconfig: Path, token: str) -> Material:
    config = yaml.safe_load(kubeconfig.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    return Material(
        server=cluster["server"],
        authority=base64.b64decode(cluster["certificate-authority-data"]),
        certificate=base64.b64decode(user["client-certificate-data"]),
        key=base64.b64decode(user["client-key-data"]),
        token=token,
    )


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def config_of(cluster: dict[str, Any], user: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
        **more,
    }

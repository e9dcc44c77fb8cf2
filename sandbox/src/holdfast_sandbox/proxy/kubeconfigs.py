"""Kubeconfigs that lead through the proxy."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from holdfast_sandbox.proxy.certificates import Certificate


def write_kubeconfig(path: Path, url: str, certificate: Certificate, token: str | None) -> None:
    """Write a kubeconfig with one context, readable by its owner only.

    Without a token its user has the proxy's own certificate, which the proxy never asks for: kubectl would prompt
    for a name and a password if there were nothing.
    """
    authority, key = (_encode(file) for file in (certificate.authority, certificate.key))
    cluster = {"server": url, "certificate-authority-data": authority}
    nobody = {"client-certificate-data": authority, "client-key-data": key}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "proxy", "cluster": cluster}],
        "users": [{"name": "client", "user": {"token": token} if token else nobody}],
        "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "client"}}],
        "current-context": "proxy",
    }
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(config))


def _encode(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()

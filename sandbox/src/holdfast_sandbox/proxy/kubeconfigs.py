"""Kubeconfigs that lead through the proxy."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path


def write_kubeconfig(path: Path, url: str, authority: bytes, token: str | None) -> None:
    """Write a kubeconfig with one context, readable by its owner only."""
    cluster = {"server": url, "certificate-authority-data": base64.b64encode(authority).decode()}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "proxy", "cluster": cluster}],
        "users": [{"name": "client", "user": {"token": token} if token else {}}],
        "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "client"}}],
        "current-context": "proxy",
    }
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(config))

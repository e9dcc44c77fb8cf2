"""The chart as people use it: through the real helm."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from holdfast.operator.manifests.settings import NAME, Settings
from holdfast_sandbox.tools import peer

if TYPE_CHECKING:
    from holdfast_sandbox import Sandbox

CHART = Path(__file__).parents[2] / "charts" / "holdfast"
NAMESPACE = Settings().namespace
_PATIENCE = 120  # seconds


class HelmError(Exception):
    """What helm said when it refused."""


def helm(*arguments: str | Path, home: Path) -> str:
    """The standard output of helm.

    Args:
        arguments: as on its command line.
        home: where it may keep files.

    Raises:
        HelmError: it ended with an error.
    """
    places = {f"HELM_{kind}_HOME": str(home / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    done = subprocess.run(
        [peer("helm"), *arguments],
        env=os.environ | places,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    if done.returncode:
        raise HelmError(done.stderr)
    return done.stdout


def rendered(*arguments: str | Path, home: Path) -> list[dict[str, Any]]:
    """The objects of a release named like the product."""
    text = helm("template", NAME, CHART, "--namespace", NAMESPACE, *arguments, home=home)
    return [manifest for manifest in yaml.safe_load_all(text) if manifest]


class Releases:
    """helm against one cluster and namespace."""

    def __init__(self, sandbox: Sandbox, namespace: str, home: Path) -> None:
        self._access = ("--kubeconfig", sandbox.kubeconfig, "--namespace", namespace)
        self._home = home

    async def __call__(self, *arguments: str | Path) -> str:
        return await asyncio.to_thread(helm, *arguments, *self._access, home=self._home)

    async def bring(self, *arguments: str | Path, chart: Path = CHART) -> str:
        """Install the release, or upgrade it."""
        return await self("upgrade", "--install", "--create-namespace", NAME, chart, *arguments)

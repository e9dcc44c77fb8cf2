"""What goes wrong in the proxy itself; the faults it causes are not errors."""

from __future__ import annotations

from holdfast_sandbox.errors import SandboxError


class KubeconfigError(SandboxError):
    """The upstream kubeconfig does not say how to reach the API server."""


class Cut(Exception):  # noqa: N818 - it ends an exchange, it is no error
    """The client's connection is to be cut without a further byte."""

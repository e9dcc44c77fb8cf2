"""What goes wrong in the proxy itself; the faults it causes are not errors.

ProxyError
└── KubeconfigError    the upstream kubeconfig does not say how to reach the API server
"""

from __future__ import annotations


class ProxyError(Exception):
    """Anything that keeps the proxy from working."""


class KubeconfigError(ProxyError):
    """The upstream kubeconfig does not say how to reach the API server."""


class Cut(Exception):  # noqa: N818 - it ends an exchange, it is no error
    """The client's connection is to be cut without a further byte."""

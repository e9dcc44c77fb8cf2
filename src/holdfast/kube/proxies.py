"""Which proxy the environment asks for, by the rules that kubectl follows (those of Go's HTTP client).

Loopback addresses never go through one. A kubeconfig's `proxy-url` comes before all of this.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_PORTS = {"http": 80, "https": 443}


def from_environment(server: str, environment: Mapping[str, str]) -> str:
    """The URL of the proxy towards a server, `""` for none."""
    scheme = urlsplit(server).scheme
    found = environment.get(f"{scheme.upper()}_PROXY") or environment.get(f"{scheme}_proxy") or ""
    exempt = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    if not found or not _through_proxy(server, exempt):
        return ""
    return found if "://" in found else f"http://{found}"


def _through_proxy(server: str, exempt: str) -> bool:
    parts = urlsplit(server)
    host = (parts.hostname or "").rstrip(".")
    if host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback):
        return False
    port = parts.port or _PORTS.get(parts.scheme, 0)
    return not any(_matches(rule.strip().lower(), host, port) for rule in exempt.split(",") if rule.strip())


def _matches(rule: str, host: str, port: int) -> bool:
    if rule == "*":
        return True
    if "/" in rule:
        return _is_address(host) and _in_network(host, rule)
    name, _, wanted_port = rule.rpartition(":") if rule.count(":") == 1 or "]:" in rule else (rule, "", "")
    if wanted_port and wanted_port != str(port):
        return False
    name = name.strip("[]").removeprefix("*")
    if _is_address(name):
        return _is_address(host) and ipaddress.ip_address(name) == ipaddress.ip_address(host)
    return host.endswith(name) if name.startswith(".") else host == name or host.endswith(f".{name}")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _in_network(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False

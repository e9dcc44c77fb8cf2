from __future__ import annotations

import pytest

from holdfast.kube.proxies import from_environment

PROXY = "http://proxy:3128"


@pytest.mark.parametrize(
    ("server", "exempt"),
    [
        ("https://127.0.0.1:6443", ""),
        ("https://localhost:6443", ""),
        ("https://[::1]:6443", ""),
        ("https://api.example.com", "*"),
        ("https://api.example.com", "example.com"),
        ("https://api.example.com", " other.org , .example.com"),
        ("https://api.example.com", "*.example.com"),
        ("https://api.example.com:6443", "api.example.com:6443"),
        ("https://API.example.com", "api.EXAMPLE.com"),
        ("https://10.1.2.3:6443", "10.0.0.0/8"),
        ("https://10.1.2.3:6443", "10.1.2.3"),
        ("https://[fd00::1]:6443", "fd00::/8"),
        ("https://[fd00::1]:6443", "fd00::1"),
    ],
)
def test_exempt(server: str, exempt: str) -> None:
    assert from_environment(server, {"HTTPS_PROXY": PROXY, "NO_PROXY": exempt}) == ""


@pytest.mark.parametrize(
    ("server", "exempt"),
    [
        ("https://api.example.com", ""),
        ("https://api.example.com", "ample.com"),
        ("https://example.com", ".example.com"),
        ("https://api.example.com:6443", "api.example.com:443"),
        ("https://11.1.2.3:6443", "10.0.0.0/8"),
        ("https://api.example.com", "10.0.0.0/8,nonsense/x"),
        ("https://10.1.2.30", "10.1.2.3"),
    ],
)
def test_through_the_proxy(server: str, exempt: str) -> None:
    assert from_environment(server, {"HTTPS_PROXY": PROXY, "NO_PROXY": exempt}) == PROXY


def test_lower_case_names_and_proxies_without_a_scheme() -> None:
    assert from_environment("https://api", {"https_proxy": "proxy:3128"}) == PROXY
    assert from_environment("https://api", {"https_proxy": PROXY, "no_proxy": "api"}) == ""


def test_each_scheme_has_its_own() -> None:
    assert from_environment("http://api", {"HTTPS_PROXY": PROXY}) == ""
    assert from_environment("http://api", {"HTTP_PROXY": PROXY}) == PROXY

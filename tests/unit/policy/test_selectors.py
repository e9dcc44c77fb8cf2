"""Label selectors as people write them."""

from __future__ import annotations

import pytest

from holdfast.policy.selectors import SelectorError, parse

WEB = {"app": "web", "tier": "front", "example.com/part": "x"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "app=web",
        "app==web",
        "app=web,tier=front",
        "app!=db",
        "tier in (front, back)",
        "tier in (front),app=web",
        "tier notin (back)",
        "example.com/part",
        "!old",
        "old notin (yes)",
    ],
)
def test_selectors_that_admit(text: str) -> None:
    assert parse(text).admits(WEB)


@pytest.mark.parametrize("text", ["app=db", "app=", "tier in (back)", "!app", "old", "app=web,tier=back"])
def test_selectors_that_do_not(text: str) -> None:
    assert not parse(text).admits(WEB)


@pytest.mark.parametrize("text", ["app=web,", "=web", "app in web", "app>1", "a b", "(", "app in (a"])
def test_what_is_no_selector_is_refused_by_name(text: str) -> None:
    with pytest.raises(SelectorError, match="cannot be read"):
        parse(text)

"""What the chart's alerts and dashboard ask Prometheus for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from support.charts import CHART

if TYPE_CHECKING:
    from collections.abc import Iterator

ALERTS = CHART / "files" / "alerts.yaml"
DASHBOARD = CHART / "files" / "dashboard.json"
_SELECTOR = re.compile(r"(holdfast_\w+)(?:\{([^}]*)\})?")
_GROUPING = re.compile(r"\b(?:by|on|without|ignoring) \(([^)]*)\)")
_OF_TEMPLATE = re.compile(r"\{\{ ?(?:\$labels\.)?(\w+) ?\}\}")


def alerts() -> list[dict[str, Any]]:
    """The rules, one after the other."""
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def queries() -> Iterator[tuple[str, str]]:
    """Each expression with the texts that use labels of its result."""
    for rule in alerts():
        yield rule["expr"], " ".join(rule["annotations"].values())
    dashboard = json.loads(DASHBOARD.read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield target["expr"], target["legendFormat"]
    for variable in dashboard["templating"]["list"]:
        if found := re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]):
            yield found[1], f"{{{{{found[2]}}}}}"


def wanted() -> dict[str, set[str]]:
    """The labels that are needed of each metric, by its name."""
    needed: dict[str, set[str]] = {}
    for expression, texts in queries():
        everywhere = set(_OF_TEMPLATE.findall(texts))
        for grouping in _GROUPING.findall(expression):
            everywhere |= set(re.split(r",\s*", grouping))
        for name, matchers in _SELECTOR.findall(expression):
            needed.setdefault(name, set()).update(everywhere, re.findall(r"(\w+)\s*[=!]", matchers))
    return needed

"""Alerts and dashboard: whether they are well formed, and when they fire."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from support.charts import rendered
from support.monitoring import ALERTS, DASHBOARD, alerts, queries

from holdfast.claims.measuring import State
from holdfast_sandbox.tools import peer

if TYPE_CHECKING:
    from pathlib import Path

GROUP = '{namespace="shop", group="db"}'
NEWEST, PERIOD, OVERDUE, COVERED = (
    f"holdfast_group_{name}{GROUP}"
    for name in ("newest_ready_timestamp_seconds", "period_seconds", "overdue_tiers", "covered")
)
DRILL = '{namespace="shop", drill="proof", group="db"}'
UNPROVEN, FAILED = f"holdfast_drill_overdue{DRILL}", f"holdfast_drill_failed{DRILL}"
WORKING = {"holdfast_leading": "1x3000"}
HOUR = 3600


def restore(state: State) -> str:
    labels = f'namespace="shop", restore="back", claim="data", state="{state}"'
    return f"holdfast_restore_since_timestamp_seconds{{{labels}}}"


def group(*, newest: int, overdue: int, covered: int) -> dict[str, str]:
    """A group that is to have a snapshot every hour."""
    values = {NEWEST: newest, PERIOD: HOUR, OVERDUE: overdue, COVERED: covered}
    return {series: f"{value}x3000" for series, value in values.items()}


def promtool(*arguments: str | Path) -> str:
    done = subprocess.run([peer("promtool"), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_rules_are_well_formed() -> None:
    assert f"SUCCESS: {len(alerts())} rules found" in promtool("check", "rules", "--lint=all", ALERTS)


@pytest.mark.parametrize("expression", [pair[0] for pair in queries()])
def test_every_query_of_the_dashboard_can_be_parsed(expression: str) -> None:
    promtool("promql", "format", expression, "--experimental")


def test_states_that_are_asked_for_exist() -> None:
    asked = {part.split('"')[1] for expression, _ in queries() for part in expression.split("state=")[1:]}
    assert asked
    assert asked <= set(State)


@pytest.mark.parametrize(
    ("series", "minutes", "firing"),
    [
        pytest.param(group(newest=0, overdue=0, covered=1) | WORKING, 170, set(), id="all is well"),
        pytest.param(
            group(newest=HOUR, overdue=1, covered=1) | WORKING,
            230,
            set(),
            id="late, but not by three periods",
        ),
        pytest.param(
            group(newest=HOUR, overdue=1, covered=1) | WORKING,
            250,
            {"HoldfastNoReadySnapshot"},
            id="late by three periods",
        ),
        pytest.param(
            group(newest=HOUR, overdue=0, covered=1) | WORKING,
            900,
            set(),
            id="a night without a firing of cron",
        ),
        pytest.param(
            group(newest=0, overdue=0, covered=0) | WORKING, 70, {"HoldfastGroupNotCovered"}, id="not covered"
        ),
        pytest.param(
            {restore(State.BLOCKED): "60x3000"} | WORKING, 10, {"HoldfastRestoreBlocked"}, id="blocked"
        ),
        pytest.param(
            {restore(State.FAILED): "60x3000"} | WORKING, 10, {"HoldfastRestoreFailed"}, id="failed"
        ),
        pytest.param({restore(State.FAILED): "60x3000"} | WORKING, 1500, set(), id="failed two days ago"),
        pytest.param({restore(State.STOPPED): "60x3000"} | WORKING, 10, set(), id="cancelled on request"),
        pytest.param({restore(State.ACTIVE): "60x3000"} | WORKING, 30, set(), id="at work"),
        pytest.param(
            {restore(State.ACTIVE): "60x3000"} | WORKING,
            70,
            {"HoldfastRestoreSlow"},
            id="waiting for an hour",
        ),
        pytest.param({UNPROVEN: "1x3000"} | WORKING, 30, {"HoldfastDrillOverdue"}, id="not proven in time"),
        pytest.param({UNPROVEN: "1x5 0x3000"} | WORKING, 30, set(), id="proven a little late"),
        pytest.param({FAILED: "1x3000"} | WORKING, 10, {"HoldfastDrillFailed"}, id="a failed drill"),
        pytest.param({FAILED: "0x3000", UNPROVEN: "0x3000"} | WORKING, 90, set(), id="a proven drill"),
        pytest.param({"holdfast_leading": "0x3000"}, 10, {"HoldfastNotRunning"}, id="nobody leads"),
        pytest.param({"up": "1x3000"}, 10, {"HoldfastNotRunning"}, id="no metrics at all"),
    ],
)
def test_an_alert_fires_when_somebody_is_needed(
    tmp_path: Path, series: dict[str, str], minutes: int, firing: set[str]
) -> None:
    names = "ALERTS{alertstate='firing'}"
    expected = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(firing)]
    query = f"count by (alertname) ({names})"
    case: dict[str, Any] = {
        "rule_files": [str(ALERTS)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [{"expr": query, "eval_time": f"{minutes}m", "exp_samples": expected}],
            }
        ],
    }
    file = tmp_path / "case.yaml"
    file.write_text(yaml.safe_dump(case))
    promtool("test", "rules", file)


def test_the_chart_brings_them_when_asked(tmp_path: Path) -> None:
    wishes = [f"metrics.{part}.enabled=true" for part in ("serviceMonitor", "alerts", "dashboard")]
    found = {m["kind"]: m for m in rendered("--set", ",".join(wishes), home=tmp_path)}
    assert found["PrometheusRule"]["spec"] == yaml.safe_load(ALERTS.read_text())
    dashboard = found["ConfigMap"]
    assert json.loads(dashboard["data"]["holdfast.json"]) == json.loads(DASHBOARD.read_text())
    assert dashboard["metadata"]["labels"]["grafana_dashboard"] == "1"
    (endpoint,) = found["ServiceMonitor"]["spec"]["endpoints"]
    assert endpoint["port"] in {port["name"] for port in found["Service"]["spec"]["ports"]}
    selected = found["ServiceMonitor"]["spec"]["selector"]["matchLabels"].items()
    assert selected <= found["Service"]["metadata"]["labels"].items()

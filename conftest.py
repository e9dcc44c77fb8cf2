"""For all tests: the cluster fixtures, and no skipped test where CI=true."""

import os
from collections.abc import Generator
from typing import Any

import pytest

pytest_plugins = ["holdfast_sandbox.testing"]
STRICT = os.environ.get("CI") == "true"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _refuse_skip((yield))


def _refuse_skip(report: Any) -> Any:  # noqa: ANN401  two kinds of report, the same fields
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped, and CI=true: {report.longrepr}"
    return report

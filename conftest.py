"""For all tests: the cluster fixtures, and no skipped test where CI=true."""

import asyncio
import os
import signal
from collections.abc import Generator
from typing import TypeVar

import hypothesis
import pytest

pytest_plugins = ["holdfast_sandbox.testing"]
STRICT = os.environ.get("CI") == "true"
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

# Before 3.14, Python makes an event loop for the main thread when asked for the current one. pytest-asyncio asks
# when the first asynchronous test starts and drops that loop unclosed; the warning about it would fail some test.
asyncio.set_event_loop(None)

# What a shell starts in the background ignores Ctrl-C, and so would every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says something about the machine, not about the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _refuse_skip((yield))


def _refuse_skip(report: Report) -> Report:
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped, and CI=true: {report.longrepr}"
    return report

"""Which claims a policy is for, and which schedule wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.api.keys import OPT_OUT
from holdfast.policy.covering import Candidate, Rule, cover
from holdfast.policy.deltas import read_deltas
from holdfast.policy.errors import IntervalError
from holdfast.policy.intervals import is_gemini, parse_every
from holdfast.policy.selecting import Labels, Patterns, Requirement

CLAIM = Candidate("shop", "data-0", labels={"app": "db"}, storage_class="fast")
EVERY = Rule("nightly")
GROWING = st.lists(st.integers(1, 10**7), min_size=2, max_size=6, unique=True).map(sorted)


@pytest.mark.parametrize(
    ("rule", "admitted"),
    [
        (Rule("r", namespaces=Patterns(("sh*",))), True),
        (Rule("r", namespaces=Patterns(("prod-*",))), False),
        (Rule("r", namespaces=Patterns(exclude=("kube-*",))), True),
        (Rule("r", namespaces=Patterns(("*",), ("shop",))), False),
        (Rule("r", names=Patterns(("data-?",))), True),
        (Rule("r", names=Patterns(("DATA-?",))), False),
        (Rule("r", storage_classes=("fast", "slow")), True),
        (Rule("r", storage_classes=("slow",)), False),
        (Rule("r", labels=Labels({"app": "db"})), True),
        (Rule("r", labels=Labels({"app": "web"})), False),
        (Rule("r", labels=Labels(requirements=(Requirement("app", "In", ("db", "web")),))), True),
        (Rule("r", labels=Labels(requirements=(Requirement("tier", "In", ("",)),))), False),
        (Rule("r", labels=Labels(requirements=(Requirement("tier", "NotIn", ("x",)),))), True),
        (Rule("r", labels=Labels(requirements=(Requirement("app", "NotIn", ("db",)),))), False),
        (Rule("r", labels=Labels(requirements=(Requirement("app", "Exists"),))), True),
        (Rule("r", labels=Labels(requirements=(Requirement("app", "DoesNotExist"),))), False),
        (Rule("r", namespace_labels=Labels({"env": "prod"})), False),
        (Rule("r", names=Patterns(("data-?",)), storage_classes=("slow",)), False),
    ],
)
def test_every_field_of_a_choice_narrows_it(rule: Rule, admitted: bool) -> None:
    assert rule.admits(CLAIM) is admitted


def test_the_first_policy_by_name_covers_a_claim() -> None:
    assert cover(CLAIM, [EVERY, Rule("hourly")]).policy == "hourly"


def test_a_group_of_its_user_comes_before_annotation_and_policy() -> None:
    claim = replace(CLAIM, own_groups=("mine",), deltas="P1D P7D")
    covering = cover(claim, [EVERY])
    assert not covering
    assert "mine" in covering.reason


def test_an_annotation_comes_before_policies() -> None:
    covering = cover(replace(CLAIM, deltas="P1D P7D"), [EVERY])
    assert [(t.every, t.keep) for t in covering.tiers] == [("1 days", 7)]
    assert not covering.policy


def test_the_schedule_of_a_volume_that_the_claim_no_longer_has_stays() -> None:
    former = replace(CLAIM, former=True)
    assert cover(former, [EVERY]).stays
    assert cover(replace(former, deltas="P1D P7D"), [EVERY]).tiers
    assert not cover(replace(former, labels={OPT_OUT: "true"}), [EVERY])


def test_whose_annotation_cannot_be_read_is_said() -> None:
    assert cover(replace(CLAIM, deltas="daily", volume="pv-1"), []).problem.startswith("volume pv-1: ")


def test_an_annotation_that_cannot_be_read_is_named_and_a_policy_holds_in_its_place() -> None:
    covering = cover(replace(CLAIM, deltas="every day"), [EVERY])
    assert covering.policy == "nightly"
    assert "'every day'" in covering.problem


def test_an_opt_out_comes_before_everything() -> None:
    out, within = {OPT_OUT: "true"}, {OPT_OUT: "false"}
    claim = replace(CLAIM, deltas="P1D P7D")
    assert not cover(replace(claim, labels=out), [EVERY])
    assert not cover(replace(claim, namespace_labels=out), [EVERY])
    assert cover(replace(claim, labels=within, namespace_labels=within), [EVERY])


@pytest.mark.parametrize(
    ("text", "tiers"),
    [
        ("PT1H P1D P7D", [("1 hours", 24), ("1 days", 7)]),
        ("P1D P1W P1M P1Y", [("1 days", 7), ("7 days", 5), ("30 days", 13)]),
        ("PT90S PT1.5H", [("90 seconds", 60)]),
    ],
)
def test_deltas_are_a_schedule(text: str, tiers: list[tuple[str, int]]) -> None:
    assert [(t.every, t.keep) for t in read_deltas(text)] == tiers


@pytest.mark.parametrize(
    "text", ["", "P1D", "P1D PT1H", "P1D P1D", "P PT1H", "PT P1D", "1 day 7 days", "PT0.5S P1D", "P1D " * 200]
)
def test_deltas_that_are_none_are_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(IntervalError, match="such as"):
        read_deltas(text)


@given(GROWING)
def test_each_generation_reaches_to_the_next_one(seconds: list[int]) -> None:
    tiers = read_deltas(" ".join(f"PT{s}S" for s in seconds))
    assert [parse_every(t.every) for t in tiers] == [timedelta(seconds=s) for s in seconds[:-1]]
    assert all(is_gemini(t.every) for t in tiers)
    for tier, end in zip(tiers, seconds[1:], strict=True):
        reach = tier.keep * parse_every(tier.every)
        assert reach >= timedelta(seconds=end) > reach - parse_every(tier.every)

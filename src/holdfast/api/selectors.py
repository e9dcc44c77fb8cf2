"""Label selectors, as every kind that selects by labels has them."""

from __future__ import annotations

from typing import Annotated, Literal

from holdfast.api.meta import Described, View


class Requirement(View, frozen=True):
    key: Annotated[str, Described(description="The label.")]
    operator: Annotated[
        Literal["In", "NotIn", "Exists", "DoesNotExist"], Described(description="How it compares.")
    ]
    values: Annotated[list[str], Described(description="For In and NotIn.")] = []


class LabelSelector(View, frozen=True):
    match_labels: Annotated[dict[str, str], Described(description="Labels with these values.")] = {}
    match_expressions: Annotated[list[Requirement], Described(description="Comparisons that all hold.")] = []

"""Names as values of labels."""

from __future__ import annotations

from holdfast.policy.labelling import label_value


def test_a_name_that_fits_stays() -> None:
    assert label_value("a" * 63) == "a" * 63


def test_a_longer_name_is_cut_and_ends_with_its_digest() -> None:
    # sha256 of 64 a: ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb
    assert label_value("a" * 64) == "a" * 57 + "ffe054"

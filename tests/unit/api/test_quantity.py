from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.api.quantity import format_size, parse_size

sizes = st.integers(0, 2**63 - 1)
SUFFIXES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18} | {
    f"{letter}i": 1024**power for power, letter in enumerate("KMGTPE", 1)
}


@given(sizes)
def test_what_is_written_is_read_back(size: int) -> None:
    assert parse_size(format_size(size)) == size


@given(sizes, sizes)
def test_the_shorter_text_is_never_longer_than_the_plain_number(one: int, other: int) -> None:
    assert len(format_size(one)) <= max(len(str(one)), 2)
    assert (format_size(one) == format_size(other)) == (one == other)


@given(st.integers(0, 10**6), st.sampled_from(sorted(SUFFIXES)))
def test_suffixes_mean_what_kubernetes_means(number: int, suffix: str) -> None:
    assert parse_size(f"{number}{suffix}") == number * SUFFIXES[suffix]


@given(st.integers(0, 10**4), st.integers(0, 999), st.sampled_from(sorted(SUFFIXES)))
def test_parts_of_a_byte_are_rounded_up(whole: int, thousandths: int, suffix: str) -> None:
    exact = (whole + Fraction(thousandths, 1000)) * SUFFIXES[suffix]
    assert parse_size(f"{whole}.{thousandths:03}{suffix}") == -(-exact.numerator // exact.denominator)


@pytest.mark.parametrize(
    ("text", "size"),
    [("1e3", 1000), ("1E3", 1000), ("12e-1", 2), ("1500m", 2), ("1u", 1), ("0.5Gi", 1 << 29), ("+3", 3)],
)
def test_every_form_of_a_quantity_is_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "Gi", "1 Gi", "1gi", "1Kib", "one", "1.2.3", ".", "1e", "--1"])
def test_anything_else_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="is no quantity: write a number"):
        parse_size(text)

"""Measurements, written into docs/benchmarks.md with machine, versions and date."""

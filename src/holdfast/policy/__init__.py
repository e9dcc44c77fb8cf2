"""Pure decisions: when to run, what to keep, what may happen next to a volume. No I/O, no clocks, no objects of the API."""

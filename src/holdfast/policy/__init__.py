"""Pure decisions: when to run, what to keep, what may happen next. No I/O, no clock, no API objects."""

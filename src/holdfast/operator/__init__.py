"""The operator's start-up and wiring, and what has to be installed for it."""

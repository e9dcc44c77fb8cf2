"""The kinds, their defaults, validation and CRDs. No I/O."""

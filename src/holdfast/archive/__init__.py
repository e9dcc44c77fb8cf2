"""Velero's layout in a store: backups found, opened and read, item by item, in bounded memory.

Facts: the sources of Velero 1.18 (`pkg/persistence`, `pkg/archive`), and real backups of it. Everything that is
read is taken for what a stranger wrote.
"""

"""What comes back from a backup, in which order and in which form: decisions of a restore, without a cluster.

Facts about what Velero does: its 1.18 (`pkg/restore`, `pkg/restore/actions`), and the real one in the tests.
"""

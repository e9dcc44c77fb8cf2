"""Single snapshots and clones of claims, whatever group they belong to: taken, listed, deleted, cloned."""

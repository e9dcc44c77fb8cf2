"""What the verbs of `holdfast repo` share: restic's command line in front of the engine.

Flags, environment, messages, exit codes and JSON are restic 0.19's, so that `alias restic='holdfast repo'` works.
Nothing here reads or writes a repository itself: `holdfast_engine` does, and is imported when a verb runs.
"""

"""A CSI driver whose volumes are directories, made for tests that want to see and to disturb everything.

It runs as `python -m holdfast_sandbox.driver`. `faults.Faults` is the client for tests. It is not for
production: no quotas, one node, copies instead of snapshots (docs/adr/0004).
"""

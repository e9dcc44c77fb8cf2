"""A real Kubernetes in plain processes, for testing operators.

    async with Sandbox() as sandbox:
        print(await sandbox.kubectl("get", "nodes"))

`Sandbox` is the whole API for tests; `holdfast_sandbox.proxy` disturbs the way to the API server,
`Sandbox.faults` the storage. The command `holdfast-sandbox` is the same for people.
"""

from holdfast_sandbox.errors import BuildError, Incapable, NotRunning, Refused, SandboxError, StartError
from holdfast_sandbox.sandbox import Sandbox

__all__ = ["BuildError", "Incapable", "NotRunning", "Refused", "Sandbox", "SandboxError", "StartError"]

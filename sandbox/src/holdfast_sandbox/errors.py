"""What can go wrong in a sandbox, as one small tree.

SandboxError
├── BuildError     a program could not be built or fetched
├── StartError     the cluster did not become ready
├── NotRunning     the directory has no running sandbox
├── Refused        the running sandbox cannot do what was asked
└── Incapable      this machine cannot have a node
"""


class SandboxError(Exception):
    """Anything the sandbox reports; the message names the object and the remedy."""

    exit_code = 1


class BuildError(SandboxError):
    """A program could not be built or fetched."""

    exit_code = 3


class StartError(SandboxError):
    """The cluster did not become ready; the message ends with the log of the culprit."""

    exit_code = 4


class NotRunning(SandboxError):  # noqa: N818  a state, named as people say it
    """The directory has no running sandbox."""

    exit_code = 5


class Refused(SandboxError):  # noqa: N818  a state, named as people say it
    """The running sandbox cannot do what was asked."""

    exit_code = 6


class Incapable(SandboxError):  # noqa: N818  a state, named as people say it
    """This machine cannot have a node; the message says why."""

    exit_code = 7

"""The process that keeps a cluster running, one per sandbox.

It is two processes. The guard starts first, forks the worker and waits for it: when the worker is gone, for
whatever reason, the guard ends what is left of its descendants and removes the sockets. The worker starts the
components in order, restarts those that die, answers at the control socket, and goes down when the process it follows
is gone. Components die with the worker (PR_SET_PDEATHSIG), so even a kill -9 of both leaves no process.
"""

"""A proxy between any client and the API server that counts calls and makes chosen ones go wrong.

An operator is right when it ends right whatever happens between two of its calls. This proxy lets a test say
what happens, and at which call exactly, to the real program talking to a real API server:

    from holdfast_sandbox.proxy import FaultProxy, Kill, Match, Rule

    async with FaultProxy(sandbox.kubeconfig) as proxy:
        operator = await start_operator(proxy.kubeconfig(token))    # the token of its ServiceAccount
        kill = Kill(operator.pid, when="after")
        third = proxy.rules.append(Rule(kill, Match(writes=True), nth=3))
        await operator.wait()
        assert third.hits[0].verb == "patch"
        await restart(operator)
        await proxy.wait_for(Match(verb="create", resource="pods", status=201), deadline=20)

Calls are described in Kubernetes' terms (`Call`): verb, group, resource, namespace, name, subresource, dry
run, user agent and the status of the answer. A rule is an action, a `Match` and optionally which of the
matching calls is meant. It can be added and removed at any time; `rule.hits` are the calls it was used on.

| action                    | the API server      | the client                                             |
| ------------------------- | ------------------- | ------------------------------------------------------ |
| `DropRequest()`           | never sees the call | its connection is cut                                  |
| `DropAnswer()`            | carries it out      | its connection is cut: a lost reply                    |
| `Answer(409)`, `410`, ... | never sees the call | gets a Status, with Retry-After if wanted              |
| `Kill(pid)`               | never sees the call | dies of SIGKILL                                        |
| `Kill(pid, when="after")` | carries it out      | dies of SIGKILL, without having seen the answer        |
| `Delay(2.0)` or an event  | sees it later       | waits                                                  |
| `CutWatch()`              |                     | its watch is cut, or ends well with `clean=True`       |
| `StallWatch()`            |                     | its watch stays open and silent until `release()`      |
| `GoneWatch()`             |                     | its watch ends with an ERROR event, 410 Expired        |

Actions for watches also reach those that run already when the rule is added.

Identity: a bearer token is passed on untouched, so that the API server sees the client's own rights. Calls
without one go without credentials, unless `FaultProxy(..., as_admin=True)` lends them the client certificate
of its kubeconfig. Certificates of the clients cannot pass, as the proxy ends their TLS.

Several clients: `proxy.kubeconfig(token, label="a")` gives each client a port of its own and its calls the
label as `Call.client`, also for matching. A `Kill` is exact for its label: from that moment nothing that came
over the label's connections is forwarded, whatever is still in buffers; a process started anew is served.

Threads: the proxy runs in the event loop in which it is entered, `ProxyThread` runs it in one of its own.

What it does not do: HTTP/2, WebSockets and other upgrades (exec, attach, port-forward), and faults between
the API server and etcd or a kubelet.
"""

from holdfast_sandbox.proxy.actions import (
    Action,
    Answer,
    CutWatch,
    Delay,
    DropAnswer,
    DropRequest,
    GoneWatch,
    Kill,
    StallWatch,
)
from holdfast_sandbox.proxy.calls import Call, Match
from holdfast_sandbox.proxy.errors import KubeconfigError
from holdfast_sandbox.proxy.exchanges import Exchange
from holdfast_sandbox.proxy.rules import Rule
from holdfast_sandbox.proxy.serving import FaultProxy
from holdfast_sandbox.proxy.threads import ProxyThread

__all__ = [
    "Action",
    "Answer",
    "Call",
    "CutWatch",
    "Delay",
    "DropAnswer",
    "DropRequest",
    "Exchange",
    "FaultProxy",
    "GoneWatch",
    "Kill",
    "KubeconfigError",
    "Match",
    "ProxyThread",
    "Rule",
    "StallWatch",
]

"""Owners before what they own, data before those who would make new data, webhooks after everything."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from holdfast.policy.restoring.order import ORDINARY, Node, Step, level, steps

KINDS = (
    "secrets",
    "deployments.apps",
    "replicasets.apps",
    "widgets.acme.example",
    "configmaps",
    "jobs.batch",
)


@st.composite
def graphs(draw: st.DrawFn) -> list[Node]:
    """Objects, each of which may be owned by any of the others, in circles as well."""
    count = draw(st.integers(1, 8))
    uids = [str(number) for number in range(count)]
    owners = st.lists(st.sampled_from([*uids, "elsewhere"]), max_size=3)
    return [Node(draw(st.sampled_from(KINDS)), uid, tuple(draw(owners))) for uid in uids]


def reaches(start: str, goal: str, graph: dict[str, Node]) -> bool:
    seen, waiting = set[str](), list(graph[start].owners)
    while waiting:
        uid = waiting.pop()
        if uid == goal:
            return True
        if uid in graph and uid not in seen:
            seen.add(uid)
            waiting += graph[uid].owners
    return False


@given(graphs())
def test_an_ordinary_object_comes_after_its_owners_unless_they_own_each_other(nodes: list[Node]) -> None:
    graph = {node.uid: node for node in nodes}
    placed = dict(zip(graph, steps(nodes), strict=True))
    for node in nodes:
        for owner in set(node.owners) & graph.keys():
            if level(node.resource) >= ORDINARY and not reaches(owner, node.uid, graph):
                assert placed[node.uid] > placed[owner]


@given(graphs())
def test_secrets_and_config_never_wait_for_their_owners(nodes: list[Node]) -> None:
    for node, step in zip(nodes, steps(nodes), strict=True):
        if node.resource in {"secrets", "configmaps"}:
            assert step == Step(level(node.resource))


def test_a_chain_of_thousands_of_owners_is_no_recursion() -> None:
    nodes = [Node("widgets.acme.example", str(n), (str(n + 1),)) for n in range(5000)]
    assert steps(nodes)[0] == Step(ORDINARY, 4999)


def test_kinds_have_the_order_in_which_they_need_each_other() -> None:
    order = (
        "customresourcedefinitions.apiextensions.k8s.io",
        "namespaces",
        "persistentvolumes",
        "persistentvolumeclaims",
        "secrets",
        "deployments.apps",
        "clusters.cluster.x-k8s.io",
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
    )
    assert [level(kind) for kind in order] == list(range(len(order)))
    assert level("widgets.acme.example") == level("services") == ORDINARY

"""What people call a kind of object, against what the API server calls it.

A backup knows resources only as `deployments.apps`; people write `deployment`, `Deployment`, `deploy`, `deployments`
or `deployment.apps`. Without a cluster to ask, the plural is formed as Kubernetes' own generators form it.
"""

from __future__ import annotations

_SHORT = {
    "cj": "cronjobs",
    "cm": "configmaps",
    "crd": "customresourcedefinitions",
    "deploy": "deployments",
    "ds": "daemonsets",
    "ep": "endpoints",
    "endpoints": "endpoints",
    "hpa": "horizontalpodautoscalers",
    "ing": "ingresses",
    "netpol": "networkpolicies",
    "ns": "namespaces",
    "pdb": "poddisruptionbudgets",
    "po": "pods",
    "pv": "persistentvolumes",
    "pvc": "persistentvolumeclaims",
    "rs": "replicasets",
    "sa": "serviceaccounts",
    "sc": "storageclasses",
    "sts": "statefulsets",
    "svc": "services",
}
_HISSING = ("s", "x", "z", "ch", "sh")


def means(said: str, resource: str) -> bool:
    """Whether what somebody wrote can be the name of this resource.

    Args:
        said: a kind, singular, plural or short name; a group may follow after a dot, or only its beginning.
        resource: plural and group, `deployments.apps`.
    """
    kind, _, group = said.lower().partition(".")
    plural, _, of = resource.partition(".")
    return plural in _plurals(kind) and (not group or of == group or of.startswith(f"{group}."))


def _plurals(kind: str) -> set[str]:
    return {kind, _SHORT.get(kind, kind), plural(kind)}


def plural(kind: str) -> str:
    """`ingress` to `ingresses`, `networkpolicy` to `networkpolicies`, `pod` to `pods`."""
    if kind.endswith(_HISSING):
        return f"{kind}es"
    if kind.endswith("y") and kind[-2:-1] not in "aeiou":
        return f"{kind[:-1]}ies"
    return f"{kind}s"

"""The part of the chart that comes out of the code: the rules of the operator's roles.

`python -m holdfast.operator.manifests.charting` writes them; a test fails when the two differ. The templates around
them are written by hand, and tests hold what they render against `installation()`.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from holdfast.operator.manifests.rights import BESIDE_VELERO, CLUSTER_WIDE, IN_OWN_NAMESPACE

DEPLOYED = Path(__file__).parents[4] / "charts" / "holdfast" / "files" / "rights.yaml"


def rendered() -> str:
    """The checked-in file."""
    roles = {"clusterWide": CLUSTER_WIDE, "inOwnNamespace": IN_OWN_NAMESPACE, "besideVelero": BESIDE_VELERO}
    rules = {name: [right.rule() for right in granted] for name, granted in roles.items()}
    return yaml.safe_dump(rules, sort_keys=False, width=110)


if __name__ == "__main__":
    DEPLOYED.write_text(rendered())

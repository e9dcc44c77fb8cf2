"""What an operator such as Strimzi's does when somebody helps: it puts back what was changed. Runs in a pod.

python3 keeper.py NAMESPACE STATEFULSET REPLICAS
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
SERVER = f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"
PAUSE = 0.2


def call(method: str, path: str, body: object = None) -> int:
    """The status of the API server's answer."""
    request = urllib.request.Request(  # noqa: S310  (a fixed scheme)
        f"{SERVER}{path}",
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={
            "Authorization": f"Bearer {(ACCOUNT / 'token').read_text()}",
            "Content-Type": "application/merge-patch+json" if method == "PATCH" else "application/json",
        },
    )
    trusted = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    try:
        with urllib.request.urlopen(request, context=trusted) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def keep(namespace: str, name: str, replicas: int) -> None:
    """Put the size back, and the claims."""
    call(
        "PATCH", f"/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}", {"spec": {"replicas": replicas}}
    )
    for ordinal in range(replicas):
        call(
            "POST", f"/api/v1/namespaces/{namespace}/persistentvolumeclaims", claim(f"data-{name}-{ordinal}")
        )


def claim(name: str) -> dict[str, object]:
    """A claim without any data, which nobody wants."""
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "64Mi"}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


if __name__ == "__main__":
    while True:
        keep(sys.argv[1], sys.argv[2], int(sys.argv[3]))
        time.sleep(PAUSE)

"""A client to be killed: creates ConfigMaps one after another, in several threads, and says which it saw made.

python creator.py KUBECONFIG NAMESPACE COUNT THREADS
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml


def main(kubeconfig: str, namespace: str, count: str, threads: str) -> None:
    config = yaml.safe_load(Path(kubeconfig).read_text())
    workers = [
        threading.Thread(target=create, args=(config, namespace, range(start, int(count), int(threads))))
        for start in range(int(threads))
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def create(config: dict[str, Any], namespace: str, numbers: range) -> None:
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    address = urlsplit(cluster["server"]).netloc
    connection = http.client.HTTPSConnection(address, context=ssl.create_default_context(cadata=authority))
    headers = {"Authorization": f"Bearer {user.get('token')}", "Content-Type": "application/json"}
    for number in numbers:
        body = json.dumps({"metadata": {"name": f"made-{number}"}, "data": {"number": str(number)}})
        connection.request("POST", f"/api/v1/namespaces/{namespace}/configmaps", body, headers)
        answer = connection.getresponse()
        answer.read()
        sys.stdout.write(f"made-{number} {answer.status}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

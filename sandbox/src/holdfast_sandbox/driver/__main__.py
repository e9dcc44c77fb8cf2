"""The driver as a program; says `ready` on its standard output once it serves."""

import argparse
import logging
import os
import signal
import sys
from importlib import metadata
from pathlib import Path

from holdfast_sandbox.driver import stubs
from holdfast_sandbox.driver.contents import Directories, Images
from holdfast_sandbox.driver.control import Control
from holdfast_sandbox.driver.csi.controller import Controller
from holdfast_sandbox.driver.csi.groups import GroupController
from holdfast_sandbox.driver.csi.identity import Identity
from holdfast_sandbox.driver.csi.node import Node
from holdfast_sandbox.driver.csi.registration import Registration
from holdfast_sandbox.driver.csi.serving import Server
from holdfast_sandbox.driver.history import History
from holdfast_sandbox.driver.node import Publishing
from holdfast_sandbox.driver.operations import Operations
from holdfast_sandbox.driver.rules import Table
from holdfast_sandbox.driver.snapshots import Snapshots
from holdfast_sandbox.driver.store import Store
from holdfast_sandbox.driver.volumes import Volumes

NAME = "dir.csi.holdfast.dev"
GRACE = 1.0  # seconds for calls under way when the driver is asked to stop


def main() -> None:
    options = _options()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    server, registration, control = _assemble(options)
    server.start(options.socket)
    control.start(options.control)
    if options.registry:
        registration.start(options.registry / f"{options.name}.sock")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    server.stop(GRACE)
    os._exit(0)  # a call that a fault delays would keep the process; the store is safe at any instant


def _assemble(options: argparse.Namespace) -> tuple[Server, Server, Control]:
    options.root.mkdir(parents=True, exist_ok=True)
    faults = Table(
        options.root / "faults.json", hidden=("ListSnapshots",) if options.no_list_snapshots else ()
    )
    store, operations = Store(options.root, faults.die), Operations()
    contents = (Images if options.images else Directories)(store.root)
    contents.recover(store.index.volumes)
    history, volumes = History(store), Volumes(store, contents, operations, faults)
    snapshots = Snapshots(store, contents, operations, faults, volumes)
    described = stubs.ensure()
    messages, plugins = stubs.Stubs(described), stubs.Stubs(described, "pluginregistration")
    registration = Registration(plugins, options.name, str(options.socket))
    services = {
        "Identity": Identity(
            messages, options.name, metadata.version("holdfast-sandbox"), topology=options.topology
        ),
        "Controller": Controller(messages, volumes, snapshots, faults),
        "GroupController": GroupController(messages, snapshots),
        "Node": Node(messages, options.node, Publishing(store, contents, operations, volumes)),
    }
    return (
        Server(messages, services, faults, history),
        Server(plugins, {"Registration": registration}, faults, history),
        Control(store, snapshots, faults, history),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m holdfast_sandbox.driver", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="CSI is served here")
    parser.add_argument("--control", type=Path, required=True, help="faults are taken here")
    parser.add_argument("--root", type=Path, required=True, help="directory of volumes and snapshots")
    parser.add_argument("--name", default=NAME, help="name of the driver (default: %(default)s)")
    parser.add_argument("--node", default="node1", help="name of this node (default: %(default)s)")
    parser.add_argument("--registry", type=Path, help="the kubelet's directory of plugins, on a node")
    parser.add_argument("--topology", action="store_true", help="a volume is reached from one node only")
    parser.add_argument("--images", action="store_true", help="volumes are mounted images of their size")
    parser.add_argument("--no-list-snapshots", action="store_true", help="have no ListSnapshots")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""The command `holdfast-sandbox`: what `Sandbox` does, for people and shell scripts."""

import asyncio
import inspect
import json
import os
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from holdfast_sandbox import Sandbox, tools
from holdfast_sandbox.components import NAMES, NODE_NAMES
from holdfast_sandbox.errors import NotRunning, SandboxError
from holdfast_sandbox.images import bases
from holdfast_sandbox.tools import caching
from holdfast_sandbox.tools.recipes import PEERS

Result = TypeVar("Result")
INTERRUPTED: Final = 130
STOPPED: Final = {"phase": "stopped", "components": []}
COMPONENTS = (*NAMES, *NODE_NAMES)
LOGS = (*COMPONENTS, "supervisor")


def main() -> None:
    """Run the command; errors end as one message and an exit code, without a traceback."""
    try:
        sys.exit(commands.main(prog_name="holdfast-sandbox", standalone_mode=False))
    except SandboxError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)


def _default_directory() -> Path:
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "holdfast" / "sandbox"


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(work)


class _Command(click.Command):
    """Shows its epilog as examples, line by line."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        if self.epilog:
            with formatter.section("Examples"):
                formatter.write(textwrap.indent(inspect.cleandoc(self.epilog), "  ") + "\n")


class _Group(_Command, click.Group):
    command_class = _Command


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="""
    holdfast-sandbox up
    export KUBECONFIG=$(holdfast-sandbox kubeconfig)
    kubectl get storageclasses
    holdfast-sandbox down
""",
)
@click.option(
    "-d",
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="HOLDFAST_SANDBOX",
    default=_default_directory,
    show_default="~/.local/state/holdfast/sandbox",
    help="Where the cluster keeps its data. Each directory is a cluster of its own. [env: HOLDFAST_SANDBOX]",
)
@click.pass_context
def commands(context: click.Context, directory: Path) -> None:
    """A real Kubernetes in plain processes: API server, controllers, CSI storage with snapshots, S3.

    Exit codes: 1 other errors, 2 wrong usage, 3 a program could not be built, 4 the cluster did not start, 5 it is
    not running, 6 it refused, 7 this machine cannot have a node, 130 interrupted.
    """
    context.obj = directory.absolute()


@commands.command()
@click.option("--peers", is_flag=True, help="Also restic and rest-server, which tests compare with.")
@click.option("--node", is_flag=True, help="Also what a node needs: kubelet, containerd, runc, small images.")
def build(*, peers: bool, node: bool) -> None:
    """Build the programs that are not in the cache yet.

    Takes some minutes the first time; `up` does it by itself. They are kept in ~/.cache/holdfast (XDG_CACHE_HOME).
    """
    programs = [*tools.ensure(node=node).programs]
    if node:
        bases.small()
    if peers:
        programs += [name for recipe in PEERS for name in recipe.programs if tools.peer(name)]
    click.echo(f"{len(programs)} programs are in {caching.root()}")


@commands.command(
    epilog="""
    holdfast-sandbox up
    holdfast-sandbox -d /tmp/second up
    holdfast-sandbox up --foreground
    holdfast-sandbox up --node
"""
)
@click.option("--foreground", is_flag=True, help="Stay, and take the cluster down at Ctrl-C.")
@click.option("--topology", is_flag=True, help="Have two paper nodes, with volumes that one of them reaches.")
@click.option("--no-paper-node", is_flag=True, help="Have no node at all: no pod is ever scheduled.")
@click.option("--node", is_flag=True, help="Have a node on which pods run. Needs root.")
@click.pass_obj
def up(directory: Path, *, foreground: bool, no_paper_node: bool, topology: bool, node: bool) -> None:
    """Start the cluster, with the data of the last time if there was one.

    Does nothing when it runs already.
    """
    sandbox = Sandbox(
        directory, paper_node=not no_paper_node, topology=topology, node=node, detached=not foreground
    )
    if not sandbox.running:
        tools.ensure(node=node)
        click.echo("starting", err=True)
        _run(sandbox.up())
    click.echo(f"ready: export KUBECONFIG={shlex.quote(str(sandbox.kubeconfig))}")
    if foreground:
        _stay(sandbox)


def _stay(sandbox: Sandbox) -> None:
    try:
        _run(_while_running(sandbox))
    finally:
        _run(sandbox.down())


async def _while_running(sandbox: Sandbox) -> None:
    while sandbox.running:  # noqa: ASYNC110  what ends it is another process
        await asyncio.sleep(1)


@commands.command(
    epilog="""
    holdfast-sandbox down
    holdfast-sandbox -d /tmp/second down --delete
"""
)
@click.option("--delete", is_flag=True, help="Remove the directory with all data, too.")
@click.pass_obj
def down(directory: Path, *, delete: bool) -> None:
    """Stop the cluster; its data stays for the next `up`."""
    sandbox = Sandbox(directory)
    _run(sandbox.down())
    if delete and (directory / "sandbox.json").exists():
        shutil.rmtree(directory)


@commands.command(
    epilog="""
    holdfast-sandbox status
    holdfast-sandbox status -o json | jq .phase
"""
)
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_obj
def status(directory: Path, output: str) -> None:
    """Tell what is running. Exit code 5 when nothing is."""
    sandbox = Sandbox(directory)
    try:
        state = _run(sandbox.status())
    except NotRunning:
        state = STOPPED
    state = {"directory": str(directory), "kubeconfig": str(sandbox.kubeconfig), **state}
    if output == "json":
        click.echo(json.dumps(state, indent=2))
    else:
        _show(state)
    if state["phase"] == STOPPED["phase"]:
        sys.exit(NotRunning.exit_code)


def _show(state: dict[str, Any]) -> None:
    click.echo(f"{state['directory']}: {state['phase']}")
    from rich import console, table  # noqa: PLC0415  one verb of many needs it

    rows = table.Table("NAME", "STATE", "PID", "RESTARTS", box=None, pad_edge=False)
    for each in state["components"]:
        rows.add_row(each["name"], each["state"], str(each["pid"] or ""), str(each["restarts"]))
    if state["components"]:
        console.Console().print(rows)


@commands.command(
    epilog="""
    holdfast-sandbox logs apiserver
    holdfast-sandbox logs -f provisioner
"""
)
@click.argument("component", metavar="COMPONENT", type=click.Choice(LOGS))
@click.option("-f", "--follow", is_flag=True, help="Go on as more is written.")
@click.option("-n", "--lines", type=click.IntRange(min=0), default=50, show_default=True)
@click.pass_obj
def logs(directory: Path, component: str, *, follow: bool, lines: int) -> None:
    """Show the end of a component's log; `supervisor` has one, too."""
    log = Sandbox(directory).log_path(component)
    if not log.exists():
        raise NotRunning(f"{component} has never run in {directory}: there is no {log}")
    command = ["tail", "-n", str(lines), *(["-F"] if follow else []), str(log)]
    sys.exit(subprocess.run(command, check=False).returncode)


@commands.command(epilog="export KUBECONFIG=$(holdfast-sandbox kubeconfig)")
@click.pass_obj
def kubeconfig(directory: Path) -> None:
    """Print the path of the administrator's kubeconfig."""
    sandbox = Sandbox(directory)
    if not sandbox.kubeconfig.exists():
        raise NotRunning(f"no sandbox was ever started in {directory}: use `holdfast-sandbox up`")
    click.echo(sandbox.kubeconfig)


@commands.command(epilog='eval "$(holdfast-sandbox env)"')
@click.pass_obj
def env(directory: Path) -> None:
    """Print what a shell needs to use the cluster, its kubectl and its S3 server."""
    sandbox = Sandbox.attach(directory)
    values = {
        "KUBECONFIG": str(sandbox.kubeconfig),
        "AWS_ENDPOINT_URL": sandbox.s3_endpoint,
        "AWS_ACCESS_KEY_ID": sandbox.s3_access_key,
        "AWS_SECRET_ACCESS_KEY": sandbox.s3_secret_key,
        "AWS_REGION": "us-east-1",
    }
    for name, value in values.items():
        click.echo(f"export {name}={shlex.quote(value)}")
    click.echo(f"export PATH={shlex.quote(str(sandbox.kubectl_path.parent))}:$PATH")


_component = click.argument("component", metavar="COMPONENT", type=click.Choice(COMPONENTS))


@commands.command(epilog="holdfast-sandbox kill apiserver")
@_component
@click.pass_obj
def kill(directory: Path, component: str) -> None:
    """Kill a component with SIGKILL; it comes back by itself."""
    _run(Sandbox(directory).kill(component))


@commands.command(epilog="holdfast-sandbox stop driver")
@_component
@click.pass_obj
def stop(directory: Path, component: str) -> None:
    """Stop a component and keep it down."""
    _run(Sandbox(directory).stop(component))


@commands.command(epilog="holdfast-sandbox start driver")
@_component
@click.pass_obj
def start(directory: Path, component: str) -> None:
    """Start a component that was stopped."""
    _run(Sandbox(directory).start(component))

import json
import subprocess
import sys
from pathlib import Path

import pytest

from holdfast_sandbox import Sandbox
from holdfast_sandbox.cli import commands
from holdfast_sandbox.components import NAMES


def run(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "holdfast_sandbox", "-d", str(directory), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["kill", "etcd"], 5, "no sandbox is running in"),
        (["kill", "ectd"], 2, "'ectd' is not one of"),
        (["logs", "etcd"], 5, "has never run"),
        (["kubeconfig"], 5, "holdfast-sandbox up"),
        (["env"], 5, "no sandbox is running in"),
    ],
)
def test_errors_have_an_exit_code_and_no_traceback(
    tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    done = run(tmp_path / "none", *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_stopped_sandbox_has_a_status(tmp_path: Path) -> None:
    done = run(tmp_path / "none", "status", "-o", "json")
    assert (done.returncode, json.loads(done.stdout)["phase"]) == (5, "stopped")
    assert run(tmp_path / "none", "down").returncode == 0


def test_every_command_says_what_it_does_with_an_example() -> None:
    for name, command in commands.commands.items():
        assert command.help, name
        assert command.epilog or name == "build", name


@pytest.mark.cluster
def test_a_running_sandbox_is_shown_and_disturbed(sandbox: Sandbox) -> None:
    state = json.loads(run(sandbox.directory, "status", "-o", "json").stdout)
    assert state["phase"] == "ready"
    assert [each["name"] for each in state["components"]] == list(NAMES)
    assert "scheduler" in run(sandbox.directory, "status").stdout
    assert run(sandbox.directory, "stop", "scheduler").returncode == 0
    assert "stopped" in run(sandbox.directory, "status").stdout
    assert run(sandbox.directory, "start", "scheduler").returncode == 0
    assert run(sandbox.directory, "kubeconfig").stdout.strip() == str(sandbox.kubeconfig)
    assert len(run(sandbox.directory, "logs", "-n", "1", "apiserver").stdout.splitlines()) == 1
    assert run(sandbox.directory, "up").stdout.startswith("ready")


@pytest.mark.cluster
def test_a_shell_gets_kubectl_and_the_keys_of_the_bucket_store(sandbox: Sandbox) -> None:
    command = f"{sys.executable} -m holdfast_sandbox -d {sandbox.directory} env"
    script = f'eval "$({command})"; kubectl get nodes -o name; env'
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.startswith("node/paper")
    assert f"AWS_SECRET_ACCESS_KEY={sandbox.s3_secret_key}" in said

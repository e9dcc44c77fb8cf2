"""`holdfast completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from holdfast.cli.commanding import verb

SHELLS = ("bash", "zsh", "fish", "powershell")


@verb(
    cluster=False,
    examples="""
        # bash, for this shell; for every shell put the line into ~/.bashrc
        $ source <(holdfast completion bash)
        # zsh: into ~/.zshrc
        source <(holdfast completion zsh)
        # fish
        holdfast completion fish > ~/.config/fish/completions/holdfast.fish
        # PowerShell: into $PROFILE
        holdfast completion powershell | Out-String | Invoke-Expression
    """,
)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    Names of objects are asked of the cluster, for two seconds at most, or for $HOLDFAST_COMPLETION_SECONDS.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"No completion for {shell!r}: choose one of {', '.join(SHELLS)}.")
    script = kind(ctx.find_root().command, {}, "holdfast", "_HOLDFAST_COMPLETE")
    click.echo(script.source())

"""What makes a function a verb: cluster options, examples in its help, coroutines run to their end."""

from __future__ import annotations

import inspect
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import click

from holdfast.cli.grouping import SETTINGS
from holdfast.cli.options import cluster_options, target_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Verb(click.Command):
    """A verb. Lines of its examples that begin with `$ ` are commands; tests run them, in order."""

    def __init__(self, *, examples: str, cluster: bool, **attributes: Any) -> None:  # noqa: ANN401  (what click takes)
        super().__init__(context_settings=SETTINGS, **attributes)
        self.examples = dedent(examples).strip()
        self._cluster = cluster
        if cluster:
            self.params += cluster_options()

    def invoke(self, ctx: click.Context) -> None:
        if self._cluster:
            ctx.params["target"] = target_of(ctx)
        outcome = super().invoke(ctx)
        if inspect.iscoroutine(outcome):
            from holdfast.cli.finishing import finish

            finish(outcome)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for line in self.examples.splitlines():
                    formatter.write(f"{'':{formatter.current_indent}}{line}".rstrip() + "\n")


def verb(*, examples: str = "", cluster: bool = True) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function, plain or async, the command of its module; a `cluster` verb is given a `target`."""
    return click.command(cls=Verb, examples=examples, cluster=cluster)

"""`holdfast repo`: restic's global flags before the verb, and its verbs that are not here refused by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from holdfast.cli.grouping import CatalogGroup
from holdfast.cli.repo.failing import FAILED, end
from holdfast.cli.repo.flags import global_flags, pflag_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdfast.cli.catalog import Entry, Noun

BESIDE = "restic itself may be used on the same repository for it"
REFUSED = {
    **dict.fromkeys(
        ("copy", "forget", "migrate", "mount", "prune", "recover", "repair", "rewrite", "tag"),
        f"is not there yet; {BESIDE}",
    ),
    "features": "does not exist: there are no feature flags",
    "self-update": "does not exist: update Holdfast the way it was installed, such as pip install --upgrade",
}
"""restic's other verbs, with the reason."""
ELSEWHERE = "Options of all verbs: holdfast repo --help."


class RepoGroup(CatalogGroup):
    """The noun `repo`."""

    def __init__(self, entries: Mapping[str, Noun | Entry], **attributes: Any) -> None:  # noqa: ANN401
        super().__init__(entries, params=global_flags(), **attributes)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401  (what click takes)
    ) -> click.Context:
        try:
            return super().make_context(info_name, pflag_style(self.params, args), parent, **extra)
        except click.exceptions.NoArgsIsHelpError as nothing:
            click.echo(nothing.format_message())
            raise click.exceptions.Exit(0) from None
        except click.UsageError as wrong:
            end(FAILED, wrong.format_message(), as_json="--json" in args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        as_json = bool(ctx.params.get("json")) or "--json" in args
        if args[0] in REFUSED and not ctx.resilient_parsing:
            end(FAILED, f"Fatal: `{args[0]}` {REFUSED[args[0]]}", as_json=as_json)
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as wrong:
            end(FAILED, wrong.format_message(), as_json=as_json)


class KeyGroup(RepoGroup):
    """The noun `repo key`."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text(ELSEWHERE)

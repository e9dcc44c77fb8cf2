"""Click's side of the catalog: groups that show, suggest and complete their verbs without importing them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from holdfast.cli.catalog import Entry, Noun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from click.shell_completion import CompletionItem

SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class CatalogGroup(click.Group):
    """A group of the catalog."""

    def __init__(self, entries: Mapping[str, Noun | Entry], **attributes: Any) -> None:  # noqa: ANN401  (what click takes)
        super().__init__(context_settings=SETTINGS, **attributes)
        self._entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        return sorted(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        entry = self._entries.get(cmd_name)
        if isinstance(entry, Noun):
            return _group(entry)(entry.verbs, name=cmd_name, help=entry.summary)
        return _load(cmd_name, entry) if entry else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self._entries and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.exceptions.NoSuchCommand(args[0], possibilities=self._entries, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in sorted(self._entries.items())])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        verbs = [
            CompletionItem(name, help=entry.summary)
            for name, entry in sorted(self._entries.items())
            if name.startswith(incomplete)
        ]
        return verbs + click.Command.shell_complete(self, ctx, incomplete)


def _group(noun: Noun) -> type[CatalogGroup]:
    module, _, name = noun.group.rpartition(".")
    kind: type[CatalogGroup] = getattr(import_module(module), name) if module else CatalogGroup
    return kind


def _load(name: str, entry: Entry) -> click.Command:
    command: click.Command = import_module(entry.module).command
    command.name = name
    return command

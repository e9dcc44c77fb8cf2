"""What makes a function a verb of `holdfast repo`: restic's flags, errors and signals around it."""

from __future__ import annotations

import io
import os
import signal
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn

import click

from holdfast.cli.commanding import Verb
from holdfast.cli.repo.failing import (
    FAILED,
    INTERRUPTED,
    TERMINATED,
    EndedError,
    FatalError,
    end,
    of_engine,
)
from holdfast.cli.repo.flags import global_flags, pflag_style
from holdfast.cli.repo.grouping import ELSEWHERE, RepoGroup
from holdfast.cli.repo.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

NO_ENGINE = "this needs the engine: pip install 'holdfast[engine]'"


class TerminatedError(BaseException):
    """SIGTERM came."""


class RepoVerb(Verb):
    """A verb; its function is given `settings` besides its own flags."""

    def __init__(self, *, engine: bool, **attributes: Any) -> None:  # noqa: ANN401  (what click takes)
        super().__init__(cluster=False, **attributes)
        self._engine = engine
        self._flags = global_flags()
        self.params += self._flags

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401  (what click takes)
    ) -> click.Context:
        as_json = "--json" in args or bool(parent and (parent.params.get("json") or _far(parent).get("json")))
        try:
            return super().make_context(info_name, pflag_style(self.params, args), parent, **extra)
        except click.UsageError as wrong:
            end(FAILED, wrong.format_message(), as_json=as_json)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = [option for option in self.get_params(ctx) if option not in self._flags]
        with formatter.section("Options"):
            formatter.write_dl([line for option in own if (line := option.get_help_record(ctx))])
        formatter.write_paragraph()
        formatter.write_text(ELSEWHERE)

    def invoke(self, ctx: click.Context) -> None:
        near = {str(flag.name): ctx.params.pop(str(flag.name), None) for flag in self._flags}
        far = _far(ctx)
        as_json = bool(near["json"] or far.get("json"))
        try:
            ctx.params["settings"] = settings_of(near, far, os.environ)
            self._run(ctx)
        except FatalError as failure:
            end(failure.code, f"Fatal: {failure}", as_json=as_json)
        except EndedError as ended:
            raise click.exceptions.Exit(ended.code) from None
        except KeyboardInterrupt:
            end(INTERRUPTED, "signal interrupt received, cleaned up", as_json=as_json)
        except TerminatedError:
            end(TERMINATED, "signal terminated received, cleaned up", as_json=as_json)
        except Exception as failure:
            _engine_error(failure, as_json=as_json)
            raise

    def _run(self, ctx: click.Context) -> None:
        if self._engine and not find_spec("holdfast_engine"):
            raise FatalError(NO_ENGINE)
        _take_any_name()
        before = signal.signal(signal.SIGTERM, _terminated)
        hangup = signal.signal(signal.SIGHUP, _still_here)
        try:
            super().invoke(ctx)
        finally:
            signal.signal(signal.SIGTERM, before)
            signal.signal(signal.SIGHUP, hangup)


def repo_verb(*, examples: str = "", engine: bool = True) -> Callable[[Callable[..., None]], click.Command]:
    """Make a function the command of its module."""
    return click.command(cls=RepoVerb, examples=examples, engine=engine)


def _far(ctx: click.Context) -> dict[str, Any]:
    """Flags before the verb and before its noun, the nearer ones first."""
    parent = ctx.parent
    if parent is None or not isinstance(parent.command, RepoGroup):
        return {}
    return _far(parent) | {name: value for name, value in parent.params.items() if value}


def _take_any_name() -> None:
    """Names of files are bytes: those that are no UTF-8 are printed as they are."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape")


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TerminatedError


def _still_here(_number: int, _frame: FrameType | None) -> None:
    """Goes on, as restic does, which sends SIGHUP to the owner of a lock to see whether it lives."""


def _engine_error(failure: Exception, *, as_json: bool) -> None:
    """End with the engine's failure, if it is one and no traceback was asked for."""
    if os.environ.get("HOLDFAST_DEBUG") or not find_spec("holdfast_engine"):
        return
    from holdfast_engine import EngineError

    if isinstance(failure, EngineError):
        end(*of_engine(failure), as_json=as_json)

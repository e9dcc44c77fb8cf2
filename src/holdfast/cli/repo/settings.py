"""What was said about the repository: flags near the verb first, then those before it, then the environment. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, get_args

from holdfast.cli.repo.failing import FatalError

if TYPE_CHECKING:
    from collections.abc import Mapping

N = TypeVar("N", int, float)

Compression: TypeAlias = Literal["auto", "off", "fastest", "better", "max"]
COMPRESSIONS = get_args(Compression)
PACK_SIZES = range(4, 129)
"""MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The values of restic's global flags."""

    repo: str | None = None
    repository_file: str | None = None
    password: str | None = field(default=None, repr=False)
    password_file: str | None = None
    password_command: str | None = None
    insecure_no_password: bool = False
    key_hint: str | None = None
    json: bool = False
    quiet: bool = False
    verbose: int = 0
    no_lock: bool = False
    retry_lock: float = 0.0
    no_cache: bool = False
    cache_dir: str | None = None
    cleanup_cache: bool = False
    compression: Compression = "auto"
    pack_size: int = 16
    limit_upload: int = 0
    limit_download: int = 0
    no_extra_verify: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    cacert: tuple[str, ...] = ()
    tls_client_cert: str | None = None
    insecure_tls: bool = False
    http_user_agent: str | None = None
    stuck_request_timeout: float = 300.0
    host: str | None = None
    """$RESTIC_HOST, which verbs' own flags take precedence over."""
    read_concurrency: int = 0
    """$RESTIC_READ_CONCURRENCY; 0: as many as there are cores."""
    frames: float = 0.0
    """Progress reports a second, $RESTIC_PROGRESS_FPS; 0: nothing was said."""

    @property
    def chatty(self) -> bool:
        """Whether messages for people are wanted."""
        return not self.quiet and not self.json


FROM_ENVIRONMENT = {
    "repo": "RESTIC_REPOSITORY",
    "repository_file": "RESTIC_REPOSITORY_FILE",
    "password": "RESTIC_PASSWORD",
    "password_file": "RESTIC_PASSWORD_FILE",
    "password_command": "RESTIC_PASSWORD_COMMAND",
    "key_hint": "RESTIC_KEY_HINT",
    "cache_dir": "RESTIC_CACHE_DIR",
    "compression": "RESTIC_COMPRESSION",
    "pack_size": "RESTIC_PACK_SIZE",
    "cacert": "RESTIC_CACERT",
    "tls_client_cert": "RESTIC_TLS_CLIENT_CERT",
    "http_user_agent": "RESTIC_HTTP_USER_AGENT",
    "host": "RESTIC_HOST",
    "read_concurrency": "RESTIC_READ_CONCURRENCY",
    "frames": "RESTIC_PROGRESS_FPS",
}


def settings_of(near: Mapping[str, Any], far: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """What the flags of the verb, the flags before it and the environment come to.

    Raises:
        FatalError: two that exclude each other, or a value that cannot be read.
    """
    said = dict(_variables(environment))
    said |= {name: value for name, value in far.items() if value not in (None, ())}
    said |= {name: value for name, value in near.items() if value not in (None, ())}
    said["verbose"] = (near.get("verbose") or 0) + (far.get("verbose") or 0)
    option = (*(far.get("option") or ()), *(near.get("option") or ()))
    said.pop("option", None)
    settings = Settings(
        **{name: _read(name, value) for name, value in said.items()}, options=_options(option)
    )
    _agree(settings)
    return settings


def duration(text: str, name: str) -> float:
    """Seconds of a Go duration such as `5m` or `1h30m`.

    Raises:
        FatalError: it is none.
    """
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
    parts = re.findall(r"(\d+(?:\.\d*)?|\.\d+)(ms|us|µs|ns|h|m|s)", text)
    if text != "0" and (not parts or "".join(number + unit for number, unit in parts) != text):
        raise FatalError(f'invalid argument "{text}" for --{name}: a duration looks like 5m or 1h30m')
    return sum(float(number) * units[unit] for number, unit in parts)


def _variables(environment: Mapping[str, str]) -> list[tuple[str, Any]]:
    found = [(name, environment.get(variable, "")) for name, variable in FROM_ENVIRONMENT.items()]
    return [(name, value) for name, value in found if value]


def _read(name: str, value: Any) -> Any:  # noqa: ANN401  (each setting has its type)
    match name:
        case "retry_lock" | "stuck_request_timeout":
            return duration(value, name.replace("_", "-"))
        case "cacert":
            words = [value] if isinstance(value, str) else value
            return tuple(file for word in words for file in word.split(","))
        case "pack_size":
            return _pack_size(_number(name, value, int))
        case "read_concurrency":
            return _number(name, value, int)
        case "frames":
            return _number(name, value, float)
    return value


def _number(name: str, value: str | float, kind: type[N]) -> N:
    try:
        return kind(value)
    except ValueError:
        raise FatalError(
            f'invalid value for {FROM_ENVIRONMENT[name]} "{value}": a number is wanted'
        ) from None


def _pack_size(mebibytes: int) -> int:
    if mebibytes and mebibytes not in PACK_SIZES:
        raise FatalError(f"pack size {mebibytes} MiB is not between {PACK_SIZES[0]} and {PACK_SIZES[-1]} MiB")
    return mebibytes or Settings().pack_size


def _options(words: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, _, value = word.partition("=")
        key = name.strip().lower()
        if not key:
            raise FatalError(f"empty key is not a valid option: {word!r}")
        if found.get(key, value.strip()) != value.strip():
            raise FatalError(f"key {key!r} present more than once")
        found[key] = value.strip()
    return found


def _agree(settings: Settings) -> None:
    if settings.quiet and settings.verbose:
        raise FatalError("--quiet and --verbose cannot be specified at the same time")
    if settings.compression not in COMPRESSIONS:
        raise FatalError(
            f'invalid compression mode "{settings.compression}", must be one of ({"|".join(COMPRESSIONS)})'
        )

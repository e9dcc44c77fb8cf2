"""restic's global flags, understood before and after the verb, and the way pflag reads them.

What they come to, with the environment, is in `settings`.
"""

from __future__ import annotations

import click

NUMBER = click.IntRange(min=0)


def global_flags() -> list[click.Parameter]:
    """Every global flag of restic 0.19.1; none has a default, so that what was not said can be told."""
    return [
        _text("-r", "--repo", "Repository (default: $RESTIC_REPOSITORY)."),
        _text("--repository-file", "File with the repository's location (default: $RESTIC_REPOSITORY_FILE)."),
        _text("-p", "--password-file", "File with the password (default: $RESTIC_PASSWORD_FILE)."),
        _text("--password-command", "Command that prints the password (default: $RESTIC_PASSWORD_COMMAND)."),
        _flag("--insecure-no-password", "The password is empty."),
        _text("--key-hint", "Key to try first (default: $RESTIC_KEY_HINT)."),
        _flag("--json", "One JSON object a line, or one document, for programs."),
        _flag("-q", "--quiet", "Only errors and results."),
        click.Option(["-v", "--verbose"], count=True, help="Say more; twice: name every file."),
        _flag("--no-lock", "Take no lock when only reading."),
        _text("--retry-lock", "Try again for so long while locked, such as 5m."),
        _flag("--no-cache", "Keep no local copies."),
        _text("--cache-dir", "Where local copies are kept (default: $RESTIC_CACHE_DIR)."),
        _flag("--cleanup-cache", "Remove caches that were not used for 30 days."),
        _text("--compression", "auto, off, fastest, better or max (default: $RESTIC_COMPRESSION or auto)."),
        _number("--pack-size", "MiB of a pack (default: $RESTIC_PACK_SIZE or 16)."),
        _number("--limit-upload", "KiB/s at most."),
        _number("--limit-download", "KiB/s at most."),
        _flag("--no-extra-verify", "Do not decrypt and compare everything before it is uploaded."),
        click.Option(
            ["-o", "--option", "option"],
            multiple=True,
            metavar="KEY=VALUE",
            help="Option of a store; see `holdfast repo options`.",
        ),
        click.Option(
            ["--cacert"],
            multiple=True,
            metavar="FILE",
            help="Authorities to trust, PEM (default: $RESTIC_CACERT).",
        ),
        _text("--tls-client-cert", "Certificate and key of the client (default: $RESTIC_TLS_CLIENT_CERT)."),
        _flag("--insecure-tls", "Do not verify the server."),
        _text("--http-user-agent", "Name sent to servers (default: $RESTIC_HTTP_USER_AGENT)."),
        _text("--stuck-request-timeout", "Try requests again that stand still for so long [default: 5m]."),
    ]


def pflag_style(parameters: list[click.Parameter], arguments: list[str]) -> list[str]:
    """What click understands instead of pflag's `--flag=true`, `--flag=false` and `--verbose=2`."""
    switches = {
        name: option
        for option in parameters
        if isinstance(option, click.Option) and (option.is_flag or option.count)
        for name in option.opts
        if name.startswith("--")
    }
    rest = arguments.index("--") if "--" in arguments else len(arguments)
    words = [word for argument in arguments[:rest] for word in _reworded(switches, argument)]
    return words + arguments[rest:]


def _reworded(switches: dict[str, click.Option], argument: str) -> list[str]:
    name, equals, value = argument.partition("=")
    if not equals or name not in switches:
        return [argument]
    if switches[name].count:
        return [name] * int(value) if value.isdecimal() else [argument]
    meaning = {"true": [name], "1": [name], "t": [name], "false": [], "0": [], "f": []}
    return meaning.get(value.lower(), [argument])


def _text(*words: str) -> click.Option:
    *names, help_text = words
    return click.Option(names, help=help_text)


def _flag(*words: str) -> click.Option:
    *names, help_text = words
    return click.Option(names, is_flag=True, default=None, help=help_text)


def _number(name: str, help_text: str) -> click.Option:
    return click.Option([name], type=NUMBER, help=help_text)

"""Access keys as AWS's tools keep them: an INI file with a section a profile.

The same format is in the Secret of a location (Velero) and in `~/.aws/credentials`.
"""

from __future__ import annotations

import configparser

from holdfast.store.errors import AddressError

DEFAULT = "default"
_KEYS = {
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "session_token",
}


def read(text: str, profile: str = DEFAULT, *, source: str) -> dict[str, str]:
    """The keys of one profile, by the names that the store library gives them.

    Args:
        text: the INI file.
        profile: its section.
        source: where the text is from, for messages.

    Raises:
        AddressError: it is no INI file, or has no such profile.
    """
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        raise AddressError(f"{source} is not a credentials file: write a line [{profile}] first") from None
    if not parser.has_section(profile):
        known = ", ".join(parser.sections()) or "none"
        raise AddressError(f"{source} has no profile [{profile}]; it has: {known}")
    return {ours: parser[profile][theirs] for theirs, ours in _KEYS.items() if theirs in parser[profile]}

"""`python hasty.py ARGUMENTS`: Holdfast, but three seconds without a sign of a Gemini are silence enough.

For tests that want to see what happens after the silence; there is no such option, since a shorter one is unsafe.
"""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

from holdfast.cli.main import main

if __name__ == "__main__":
    with mock.patch("holdfast.snapshots.rivals.SILENCE", timedelta(seconds=3)):
        main()

"""Which servers are believed: with `--cacert` those that restic believes, and no other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from engine.tests.support import certificates
from engine.tests.support.servers import KINDS
from engine.tests.support.tools import HOLDFAST, restic

if TYPE_CHECKING:
    from pathlib import Path

HERE = "127.0.0.1"
BOTH = (HOLDFAST, restic())


@pytest.mark.parametrize("kind", KINDS)
def test_an_own_authority_is_trusted_when_named(tmp_path: Path, kind: str) -> None:
    authority = certificates.authority(tmp_path)
    with KINDS[kind](tmp_path / "files", tls=certificates.server(tmp_path, by=authority)) as store:
        place = store.place("one")
        HOLDFAST.run(place, "init", "--cacert", authority.cert, env=store.env)
        HOLDFAST.run(place, "backup", "--cacert", authority.cert, authority.cert, env=store.env)
        HOLDFAST.run(place, "snapshots", "--insecure-tls", env=store.env)
        restic().run(place, "check", "--read-data", "--cacert", authority.cert, env=store.env)
        assert "--cacert" in HOLDFAST.run(place, "snapshots", env=store.env, code=1).err


@pytest.mark.parametrize("kind", KINDS)
def test_an_authority_is_trusted_as_server_when_it_is_named_itself(tmp_path: Path, kind: str) -> None:
    own, other = (certificates.authority(tmp_path / name, host=HERE) for name in ("own", "other"))
    with KINDS[kind](tmp_path / "files", tls=own) as store:
        place = store.place("one")
        restic().run(place, "init", "--cacert", own.cert, env=store.env)
        HOLDFAST.run(place, "backup", "--cacert", own.cert, own.cert, env=store.env)
        restic().run(place, "check", "--read-data", "--cacert", own.cert, env=store.env)
        for flags in ((), ("--cacert", other.cert)):
            assert "--cacert" in HOLDFAST.run(place, "snapshots", *flags, env=store.env, code=1).err


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("host", "ends", "remedy"),
    [("127.0.0.2", certificates.DAY, "by a name"), (HERE, timedelta(hours=-1), "renew")],
    ids=["another name", "expired"],
)
def test_even_a_trusted_server_has_the_right_name_and_time(
    tmp_path: Path, kind: str, host: str, ends: timedelta, remedy: str
) -> None:
    own = certificates.authority(tmp_path, host=host, ends=ends)
    with KINDS[kind](tmp_path / "files", tls=own) as store:
        for tool in BOTH:
            said = tool.run(store.place("one"), "init", "--cacert", own.cert, env=store.env, code=1)
            assert "certificate" in said.err
            assert remedy in said.err or tool is restic()
        HOLDFAST.run(store.place("one"), "init", "--insecure-tls", env=store.env)


def test_a_client_shows_a_certificate_with_its_key(tmp_path: Path) -> None:
    own = certificates.authority(tmp_path, host=HERE)
    both = tmp_path / "both.pem"
    both.write_bytes(own.cert.read_bytes() + own.key.read_bytes())
    with KINDS["rest"](tmp_path / "files", tls=own) as store:
        flags = ("--cacert", own.cert, "--tls-client-cert")
        HOLDFAST.run(store.place("one"), "init", *flags, both)
        said = HOLDFAST.run(store.place("one"), "snapshots", *flags, own.cert, code=1)
        assert "--tls-client-cert wants both" in said.err

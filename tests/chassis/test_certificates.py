"""A broker that is not the right one is told nothing, and one in the clear is not spoken to."""

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path

import nats.errors
import pytest
from backbone import INSTALLED, until
from essaim.broker.certificates import certificates_in
from essaim.broker.client import connected
from essaim.broker.connection import Broker
from essaim.broker.rights import users_config
from essaim.broker.topology import OPERATOR
from essaim.broker.users import keys_of, seeds_in, users_of
from essaim.loops import cancel
from essaim.running.nats_server import NatsServer
from essaim.settings import Settings
from link import Link


@pytest.fixture
def seeds(tmp_path: Path) -> dict[str, str]:
    return seeds_in(tmp_path / "keys", users_of(INSTALLED))


@pytest.fixture
def secured(tmp_path: Path, seeds: dict[str, str]) -> Iterator[NatsServer]:
    folder = tmp_path / "tls"
    certificates_in(folder, ["127.0.0.1", "broker.example.org"])
    tls = (
        "tls {\n"
        f'  cert_file: "{folder / "server.pem"}"\n'
        f'  key_file: "{folder / "server-key.pem"}"\n'
        "  handshake_first: auto\n"
        "}\n"
    )
    server = NatsServer(tmp_path / "nats", users_config(INSTALLED, keys_of(seeds)) + tls)
    server.start()
    yield server
    server.stop()


def address_of(server: NatsServer) -> str:
    return f"tls://{server.url.split('//')[1]}"


async def test_a_service_and_its_operator_connect_by_tls(
    secured: NatsServer, seeds: dict[str, str], tmp_path: Path
) -> None:
    ca = tmp_path / "tls" / "ca.pem"
    url = address_of(secured)
    async with connected(url, OPERATOR, seeds[OPERATOR], ca) as operator:
        assert operator.is_connected
    settings = Settings(nats_url=url, nats_seed_file=tmp_path / "keys" / "scheduling", nats_ca=ca)
    broker = Broker(settings, "scheduling")
    staying = asyncio.ensure_future(broker.stay())
    await until(lambda: broker.is_connected)
    await cancel([staying])
    await broker.stop()


async def test_a_server_that_another_authority_vouches_for_is_refused(
    secured: NatsServer, seeds: dict[str, str], tmp_path: Path
) -> None:
    certificates_in(tmp_path / "false", ["127.0.0.1"])
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        async with connected(
            address_of(secured), OPERATOR, seeds[OPERATOR], tmp_path / "false" / "ca.pem"
        ):
            pass


async def test_a_server_of_another_name_is_refused(
    secured: NatsServer, seeds: dict[str, str], tmp_path: Path
) -> None:
    url = address_of(secured).replace("127.0.0.1", "localhost")
    with pytest.raises(ssl.SSLCertVerificationError, match=r"[Hh]ostname mismatch"):
        async with connected(url, OPERATOR, seeds[OPERATOR], tmp_path / "tls" / "ca.pem"):
            pass


async def test_a_server_in_the_clear_is_not_spoken_to_where_tls_was_asked_for(
    tmp_path: Path, seeds: dict[str, str]
) -> None:
    certificates_in(tmp_path / "tls", ["127.0.0.1"])
    server = NatsServer(tmp_path / "nats", users_config(INSTALLED, keys_of(seeds)))
    server.start()
    try:
        with pytest.raises((OSError, nats.errors.Error)):
            async with connected(
                address_of(server), OPERATOR, seeds[OPERATOR], tmp_path / "tls" / "ca.pem"
            ):
                pass
    finally:
        server.stop()


def test_certificates_are_made_once_and_the_servers_anew_for_other_names(tmp_path: Path) -> None:
    first = certificates_in(tmp_path, ["nats"])
    assert certificates_in(tmp_path, ["nats"]) == first
    other = certificates_in(tmp_path, ["nats", "broker.example.org"])
    assert other[0] == first[0]
    assert other[1:] != first[1:]
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


async def test_a_service_that_starts_while_the_link_is_cut_connects_once_it_is_whole(
    secured: NatsServer, seeds: dict[str, str], tmp_path: Path
) -> None:
    link = Link(int(secured.url.rpartition(":")[2]))
    link.cut()
    url, ca = f"tls://127.0.0.1:{link.port}", tmp_path / "tls" / "ca.pem"
    settings = Settings(nats_url=url, nats_seed_file=tmp_path / "keys" / "scheduling", nats_ca=ca)
    broker = Broker(settings, "scheduling")
    staying = asyncio.ensure_future(broker.stay())
    await until(lambda: broker.trouble != "not connected yet")

    link.mend()

    await until(lambda: broker.is_connected)
    await cancel([staying])
    await broker.stop()
    link.close()

"""Who joins, gets another key or is refused: at once, and nobody else notices."""

import asyncio
import gc
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import nats.errors
import pytest
import yaml
from backbone import INSTALLED, a_session_held, publish_raw, until
from essaim.broker.client import connect
from essaim.broker.connection import Broker
from essaim.broker.topology import FACTS, OPERATOR, SYSTEM, apply, declared
from essaim.broker.users import keys_of, new_seed, public_key_of, seeds_in, users_of
from essaim.consortium.file import as_yaml
from essaim.loops import cancel
from essaim.operating.desk import (
    USERS,
    Desk,
    connection_of,
    keep_keys,
    kept_keys,
    share,
    write_users,
)
from essaim.operating.handover import FolderInTheWay, Hub, files_of, write_folder
from essaim.operating.joining import (
    Joined,
    NotTold,
    add_reader,
    add_service,
    put,
    revoke,
    rotate,
    tell,
)
from essaim.operating.seen import refused_of_late, seen_at
from essaim.refusal import Refusal
from essaim.running.nats_server import NatsServer
from essaim.service import installed_services
from essaim.settings import Settings
from essaim.text.file_errors import WrongFile
from essaim_contracts.envelope import Envelope, to_headers
from nats.aio.client import Client
from waiting import PATIENCE

# nats-py leaves the sockets of a refused connection to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")

TODAY = date(2026, 11, 27)
PRESS = {"organisation": "La Presse", "reads": ["essaim.scheduling.session.held.v1"]}
BILLING = {
    "organisation": "Gestes & Comptes",
    "title": {"fr": "Factures", "en": "Invoices"},
    "purpose": {"fr": "Facture les heures.", "en": "Invoices the hours."},
    "says": ["essaim.billing.invoice.sent.v1"],
    "hears": ["essaim.scheduling.session.held.v1"],
}


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Here, where it is known why, and not in a test that comes later."""
    yield
    gc.collect()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A consortium that runs, and the operator's desk beside it."""
    folder = tmp_path / "nats"
    file = tmp_path / "consortium.yaml"
    written = as_yaml(INSTALLED, spelt_out=False)
    file.write_text(written.replace("name: Essaim", "name: Essaim  # ours", 1))
    seeds = seeds_in(folder / "keys", users_of(INSTALLED))
    keep_keys(folder, keys_of(seeds))
    write_users(folder, INSTALLED)
    server = NatsServer(folder, f'include "{USERS}"\n')
    server.start()
    desk = Desk(
        file,
        folder,
        installed_services(),
        seeds[OPERATOR],
        seeds[SYSTEM],
        server.url,
        seeds=folder / "keys",
    )
    asyncio.run(_declare(desk))
    yield desk
    server.stop()


async def _declare(desk: Desk) -> None:
    connection = await connect(desk.url, OPERATOR, desk.operator_seed)
    await apply(connection, declared(INSTALLED))
    await connection.close()


def seed_of(desk: Desk, user: str) -> str:
    assert desk.seeds
    return (desk.seeds / user).read_text()


async def act(what: Callable[..., Any], *how: Any) -> Any:
    """As a command or a page does it: from a thread, while others go on."""
    return await asyncio.to_thread(what, *how)


async def says_a_session(desk: Desk, programme: str = "premices") -> str:
    told = a_session_held()
    envelope = Envelope(
        id=str(told.session_id),
        type=told.type,
        source=f"/{programme}/scheduling",
        key=str(told.key),
        time=datetime(2020, 9, 24, tzinfo=UTC),
        correlation_id="one act",
    )
    connection = await connect(desk.url, "scheduling", seed_of(desk, "scheduling"))
    body = told.model_dump_json().encode()
    await publish_raw(connection, envelope.nats_subject, to_headers(envelope), body)
    await connection.close()
    return envelope.nats_subject


async def read_one(client: Client, name: str) -> str:
    pulling = await client.jetstream().pull_subscribe_bind(name, stream="ESSAIM")
    (message,) = await pulling.fetch(1, timeout=PATIENCE)
    await message.ack_sync()
    return str(message.subject)


async def is_refused(desk: Desk, name: str, seed: str) -> bool:
    try:
        client = await connect(desk.url, name, seed, **ONCE)
    except nats.errors.Error as error:
        return "Authorization Violation" in str(error)
    await client.close()
    return False


async def _quiet(_: Exception) -> None:
    """That the connection is refused says it."""


ONCE: dict[str, Any] = {"allow_reconnect": False, "max_reconnect_attempts": 1, "error_cb": _quiet}


async def test_a_reader_that_joins_while_the_broker_runs_reads_its_facts_and_no_others(
    desk: Desk,
) -> None:
    joined = await act(add_reader, desk, "press", {**PRESS, "programmes": ["premices"]})
    await says_a_session(desk, "another")
    wanted = await says_a_session(desk)
    press = await connect(desk.url, "press", joined.seed)
    assert await read_one(press, "press") == wanted
    info = await press.jetstream().consumer_info("ESSAIM", "press")
    assert (info.num_pending, info.num_ack_pending) == (0, 0)
    assert info.config.filter_subjects == [
        "essaim.network.scheduling.session.held.v1.*",
        "essaim.premices.scheduling.session.held.v1.*",
    ]
    await press.close()


REFUSED = (
    "essaim.premices.press.thing.done.v1.x",
    "essaim.premices.scheduling.session.held.v1.x",
    "essaim-dead.press.1",
    "essaim.ask.notifications.greeting",
    "$KV.directory.x",
    "$JS.API.STREAM.INFO.ESSAIM",
    "$JS.API.STREAM.PURGE.ESSAIM",
    "$JS.API.STREAM.MSG.GET.ESSAIM",
    "$JS.API.DIRECT.GET.ESSAIM",
    "$JS.API.CONSUMER.CREATE.ESSAIM.press",
    "$JS.API.CONSUMER.DURABLE.CREATE.ESSAIM.press",
    "$JS.API.CONSUMER.MSG.NEXT.ESSAIM.reporting",
    "$JS.API.CONSUMER.INFO.KV_directory.reporting-directory",
    "$JS.ACK.ESSAIM.reporting.1.1.1.1.1",
    "_R_.x",
    "anything",
)
NOT_HEARD = ("essaim.>", "_INBOX_reporting.>", "_R_.>", "$KV.>", "essaim.ask.press.*")


async def test_a_reader_may_say_nothing_and_read_nothing_of_others(desk: Desk) -> None:
    joined = await act(add_reader, desk, "press", PRESS)
    refused: asyncio.Queue[str] = asyncio.Queue()

    async def note(error: Exception) -> None:
        await refused.put(str(error).lower().replace("essaim-api.", "$js.api."))

    press = await connect(desk.url, "press", joined.seed, error_cb=note)
    for subject in REFUSED:
        await press.publish(subject, b"{}")
    for subject in NOT_HEARD:
        await press.subscribe(subject)
    said = [await asyncio.wait_for(refused.get(), PATIENCE) for _ in (*REFUSED, *NOT_HEARD)]
    unsaid = [one for one in (*REFUSED, *NOT_HEARD) if f'"{one.lower()}"' not in "".join(said)]
    assert unsaid == []
    await press.close()


async def test_nobody_else_notices_who_joins_gets_another_key_or_is_revoked(desk: Desk) -> None:
    other = await connect(desk.url, "reporting", seed_of(desk, "reporting"))
    inbox = await other.subscribe(other.new_inbox())
    ask_for = json.dumps({"batch": 4, "expires": 60_000_000_000}).encode()
    next_ = "$JS.API.CONSUMER.MSG.NEXT.ESSAIM.reporting"
    await other.publish(next_, ask_for, reply=inbox.subject)

    acts: list[tuple[Any, ...]] = [
        (add_reader, desk, "press", PRESS),
        (rotate, desk, "press"),
        (revoke, desk, "press", TODAY),
        (add_service, desk, "billing", BILLING),
    ]
    for what, *how in acts:
        await act(what, *how)
        wanted = await says_a_session(desk)
        assert (await inbox.next_msg(PATIENCE)).subject == wanted
    assert other.stats["reconnects"] == 0
    await other.close()


async def test_a_former_key_is_refused_at_once_and_a_new_one_goes_on_where_it_was(
    desk: Desk,
) -> None:
    first = await act(add_reader, desk, "press", PRESS)
    await says_a_session(desk)
    closed = asyncio.Event()

    async def note() -> None:
        closed.set()

    press = await connect(desk.url, "press", first.seed, closed_cb=note, **ONCE)
    await read_one(press, "press")
    second = await act(rotate, desk, "press")
    await asyncio.wait_for(closed.wait(), PATIENCE)
    assert await is_refused(desk, "press", first.seed)

    wanted = await says_a_session(desk)
    press = await connect(desk.url, "press", second.seed)
    assert await read_one(press, "press") == wanted
    await press.close()


async def test_who_is_revoked_is_refused_seen_so_and_may_be_given_its_right_back(
    desk: Desk,
) -> None:
    joined = await act(add_service, desk, "billing", BILLING)
    await act(revoke, desk, "billing", TODAY)
    assert await is_refused(desk, "billing", joined.seed)
    seen = (await act(seen_at, desk))["billing"]
    assert seen.connected is None
    assert seen.refused.address == "127.0.0.1"

    stranger = new_seed()
    assert await is_refused(desk, "billing", stranger)
    late = await act(refused_of_late, desk)
    assert {(name, one.key) for name, one in late} == {
        ("billing", public_key_of(joined.seed)),
        (None, public_key_of(stranger)),
    }

    with pytest.raises(Refusal, match="est révoqué depuis le 2026-11-27"):
        await act(revoke, desk, "billing", TODAY)
    again = await act(rotate, desk, "billing")
    billing = await connect(desk.url, "billing", again.seed)
    assert (await act(seen_at, desk))["billing"].connected
    await billing.close()


async def test_a_service_here_takes_its_new_key_by_itself(desk: Desk) -> None:
    assert desk.seeds
    settings = Settings(nats_url=desk.url, nats_seed_file=desk.seeds / "scheduling")
    broker = Broker(settings, "scheduling")
    staying = asyncio.ensure_future(broker.stay())
    try:
        await until(lambda: broker.is_connected)
        former = seed_of(desk, "scheduling")
        await act(rotate, desk, "scheduling")
        assert await is_refused(desk, "scheduling", former)
        late = await act(refused_of_late, desk)
        assert {(name, one.key) for name, one in late} == {("scheduling", public_key_of(former))}
        await until(lambda: broker.is_connected and broker.reconnects)
        # Nor does anything of it go on trying with the former one.
        assert broker.trouble is None
        assert {one.get_name() for one in asyncio.all_tasks() if "reconnect" in repr(one)} == set()
    finally:
        await cancel([staying])
        await broker.stop()


def test_what_is_written_beside_an_entry_stays(desk: Desk) -> None:
    before = desk.file.read_text()
    add_reader(desk, "press", {**PRESS, "one_at_a_time": True})
    revoke(desk, "press", TODAY)
    key = desk.consortium().readers[0].key
    assert desk.file.read_text() == before.rstrip("\n") + (
        "\nreaders:\n"
        "  - name: press\n"
        "    organisation: La Presse\n"
        "    reads: [essaim.scheduling.session.held.v1]\n"
        "    one_at_a_time: true\n"
        f"    key: {key}\n"
        "    revoked: 2026-11-27\n"
    )


def test_a_file_changed_by_hand_is_taken_whole_or_not_at_all(desk: Desk) -> None:
    written = desk.file.read_text().replace("name: Essaim", "name: Prémices", 1)
    assert put(desk, written).name == "Prémices"
    with pytest.raises(WrongFile):
        put(desk, written.replace("service: reporting", "service: scheduling"))
    assert desk.file.read_text() == written


def test_a_folder_of_several_hosts_begins_with_what_is_given_and_takes_keys_made_anew(
    desk: Desk, tmp_path: Path
) -> None:
    """As in Kubernetes, where keys are made elsewhere and who joins is written in the folder."""
    shared = tmp_path / "shared"
    shared.mkdir()
    (desk.folder / desk.file.name).write_text(desk.file.read_text())
    there = replace(desk, url="", file=shared / desk.file.name, folder=shared)
    share(there, given=desk.folder)
    assert there.consortium() == desk.consortium()
    add_reader(there, "press", PRESS)
    former, anew = kept_keys(shared)["scheduling"], public_key_of(new_seed())

    keep_keys(desk.folder, {"scheduling": anew})
    share(there, given=desk.folder)

    users = (shared / USERS).read_text()
    assert (anew in users, former in users) == (True, False)
    assert there.consortium().readers[0].name == "press"
    assert (shared / USERS).stat().st_mode & 0o777 == 0o644


def test_two_that_join_at_once_are_both_there(desk: Desk) -> None:
    desk = replace(desk, url="")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: add_reader(desk, f"press-{n}", PRESS), range(8)))
    assert {one.name for one in desk.consortium().readers} == {f"press-{n}" for n in range(8)}


def test_what_is_wrong_changes_nothing(desk: Desk) -> None:
    before = (desk.file.read_text(), (desk.folder / USERS).read_text())
    wrong: list[tuple[Any, ...]] = [
        ("press", {**PRESS, "reads": ["trophy"]}),
        ("press", {**PRESS, "programmes": ["Prémices"]}),
        ("reporting", PRESS),
        ("reporting-rebuild", PRESS),
        ("operator", PRESS),
        ("system", PRESS),
        ("Presse", PRESS),
        ("a.b", PRESS),
    ]
    for name, values in wrong:
        with pytest.raises(WrongFile):
            add_reader(desk, name, values)
    with pytest.raises(WrongFile):
        add_service(desk, "billing", {**BILLING, "says": ["essaim.reporting.person.forgotten.v1"]})
    with pytest.raises(WrongFile, match="donnez leur adresse entière"):
        add_service(desk, "scheduling", {"organisation": "L’Aile"})
    with pytest.raises(Refusal, match="Personne ne s’appelle « nobody »"):
        rotate(desk, "nobody")
    with pytest.raises(nats.errors.NoServersError):
        add_reader(replace(desk, url="nats://127.0.0.1:1"), "press", PRESS)
    assert (desk.file.read_text(), (desk.folder / USERS).read_text()) == before


def test_a_broker_that_cannot_be_told_is_told_later(desk: Desk) -> None:
    stranger = replace(desk, system_seed=new_seed())
    with pytest.raises(NotTold, match=r"could not be told.*topology apply"):
        add_reader(stranger, "press", PRESS)
    press = desk.consortium().readers[0]
    tell(desk)
    assert str(press.key) in (desk.folder / USERS).read_text()


def test_a_service_of_ours_is_handed_over_to_a_partner_elsewhere(desk: Desk) -> None:
    values = {"organisation": "L’Aile", "pages": "https://aile.example.org/scheduling/"}
    joined = add_service(desk, "scheduling", values)
    assert joined.consortium.here == ("candidatures", "notifications", "reporting")
    assert asyncio.run(is_refused(desk, "scheduling", seed_of(desk, "scheduling")))
    assert not asyncio.run(is_refused(desk, "scheduling", joined.seed))
    with pytest.raises(Refusal, match="se connecte déjà d’ailleurs"):
        add_service(desk, "scheduling", values)


# --- the folder that is handed over


def a_hub(desk: Desk, ca: str = "") -> Hub:
    return Hub(desk.url, ca, "https://hub.example.org", "the-public-key", frozenset(desk.services))


def test_a_partner_gets_all_it_needs_and_nobody_elses_secrets(desk: Desk, tmp_path: Path) -> None:
    joined = add_service(desk, "billing", BILLING | {"pages": "https://billing.example.org/"})
    files = files_of(joined, a_hub(desk, "-----BEGIN CERTIFICATE-----"))
    assert set(files) == {
        "billing.seed", "ca.pem", "settings.env", "consortium.yaml", "docker-compose.yml",
        "prepare.sh", "Caddyfile", "docker-compose.override.yml", "README.md", "LISEZMOI.md",
    }  # fmt: skip
    compose = yaml.safe_load(files["docker-compose.yml"])
    assert set(compose["services"]) == {"prepare", "postgres", "billing", "caddy"}
    told = yaml.safe_load(files["consortium.yaml"])
    assert [one["pages"] for one in told["partners"]][:2] == [
        "https://hub.example.org/candidatures/",
        "https://hub.example.org/scheduling/",
    ]
    assert "ESSAIM_SIGN_IN_PUBLIC_KEY=the-public-key" in files["settings.env"]
    assert joined.seed == files.pop("billing.seed").strip()
    seeds = [
        joined.seed,
        desk.system_seed,
        *(seed_of(desk, user) for user in INSTALLED.services),
    ]
    assert not [name for name, text in files.items() for seed in seeds if seed in text]

    folder = tmp_path / "billing"
    write_folder(folder, files)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    with pytest.raises(FolderInTheWay):
        write_folder(folder, files)


@pytest.mark.parametrize("one_at_a_time", [True, False])
async def test_the_program_in_a_readers_folder_prints_facts_and_on_demand_again(
    desk: Desk, tmp_path: Path, one_at_a_time: bool
) -> None:
    values = {**PRESS, "one_at_a_time": one_at_a_time}
    joined: Joined = await act(add_reader, desk, "press", values)
    write_folder(tmp_path / "press", files_of(joined, a_hub(desk)))
    await says_a_session(desk)

    for again in ([], ["--again"]):
        begun, fact = await _prints(desk, tmp_path / "press", again)
        assert begun == "Reading as press; facts waiting: 1. Ctrl-C ends.\n"
        assert "essaim.scheduling.session.held.v1 {'session_id'" in fact


async def _is_acknowledged(desk: Desk) -> bool:
    async with connection_of(desk, OPERATOR) as connection:
        press = await connection.jetstream().consumer_info(FACTS, "press")
    return not press.num_pending and not press.num_ack_pending


async def _prints(desk: Desk, folder: Path, arguments: list[str]) -> list[str]:
    """The first two lines that the program of a reader's folder prints."""
    program = await asyncio.create_subprocess_exec(
        sys.executable, "read.py", *arguments, cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout
    try:
        async with asyncio.timeout(PATIENCE):
            lines = [(await program.stdout.readline()).decode() for _ in range(2)]
        await until(lambda: asyncio.run(_is_acknowledged(desk)))
        return lines
    finally:
        program.terminate()
        await program.wait()


async def test_a_reader_whose_server_is_false_is_told_and_does_not_wait_for_ever(
    desk: Desk, tmp_path: Path
) -> None:
    """nats-py by itself waits for ever for the end of a first handshake that failed."""
    joined: Joined = await act(add_reader, desk, "press", PRESS)
    files = files_of(joined, a_hub(desk))
    falsely = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = falsely.sockets[0].getsockname()[1]
    files["settings.env"] = files["settings.env"].replace(desk.url, f"tls://127.0.0.1:{port}")
    files["read.py"] = files["read.py"].replace(
        "wait_for(connecting, 30)", "wait_for(connecting, 3)"
    )
    write_folder(tmp_path / "press", files)

    program = await asyncio.create_subprocess_exec(
        sys.executable, "read.py", cwd=tmp_path / "press", stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(program.communicate(), PATIENCE)
    falsely.close()

    assert program.returncode == 1
    assert said.decode().endswith(f"tls://127.0.0.1:{port} did not let us in within 30 seconds.\n")

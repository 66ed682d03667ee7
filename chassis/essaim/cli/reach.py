"""How a command finds what it acts on: the installed services, their databases, the broker."""

import asyncio
import json
import os
import signal
import stat
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import typer
from nats.aio.client import Client
from nats.errors import Error as NatsError
from rich.console import Console

from essaim.broker.client import connected
from essaim.broker.connection import Broker
from essaim.broker.topology import OPERATOR
from essaim.broker.users import public_key_of as key_of_seed
from essaim.clock import SystemClock
from essaim.consortium.file import NoSuchFile, UnreadableConsortium, consortium_of, file_in
from essaim.consortium.partners import Consortium, Partner
from essaim.keeping.database import Database
from essaim.keeping.migration import missing_migrations
from essaim.operating.desk import Desk
from essaim.operating.handover import Hub, hub_of
from essaim.people.signing import UnusableKey, public_key_of
from essaim.running.embedded import desk_in, keys_folder, running_note
from essaim.running.secrets import has_sign_in_key, kept_in, secret_of, sign_in_key_of
from essaim.service import Service, installed_services
from essaim.settings import (
    S,
    Settings,
    SettingsRefused,
    folder_problem,
    read_settings,
    unknown_variables,
)
from essaim.work import Work, open_work

T = TypeVar("T")


def _console(stderr: bool) -> Console:
    """As wide as the terminal; in a letter of cron's or a log, wide enough to cut no name."""
    console = Console(stderr=stderr)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = 160
    return console


out, err = _console(stderr=False), _console(stderr=True)


class State:
    """The folder every command works in; the option `--data`, or ESSAIM_DATA."""

    data = Path(os.environ.get("ESSAIM_DATA", "data"))


def fail(words: str, code: int = 1) -> NoReturn:
    """Say on standard error what is wrong and what to do, and end with `code`."""
    err.print(words, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(code)


def say_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def named(name: str) -> Service:
    """An installed service, or an end with the names of those there are."""
    services = installed_services()
    if name not in services:
        there = ", ".join(services) or "none"
        fail(f"The service {name!r} is not installed here. Installed: {there}.", 2)
    return services[name]


def read_settings_of(service: str, kind: type[S]) -> S:
    """A service's settings: from the environment, and from the folder of a running `essaim up`.

    For an operator who reaches several databases, ESSAIM_DATABASE_URL_<SERVICE> names each.
    """
    given: dict[str, Any] = {"data": State.data}
    url = os.environ.get(f"ESSAIM_DATABASE_URL_{service.upper()}")
    if url:
        given["database_url"] = url
    note = running_note(State.data)
    if note is not None and "ESSAIM_NATS_URL" not in os.environ:
        known = ("nats_url", "nats_ca", "nats_host", "nats_port", "public_url")
        given |= {name: note[name] for name in known if name in note}
        given["nats_seed_file"] = keys_folder(State.data) / service
    if "ESSAIM_SECRET" not in os.environ and kept_in(State.data, service):
        given["secret"] = secret_of(State.data, service)
    if has_sign_in_key(State.data) and "ESSAIM_SIGN_IN_KEY" not in os.environ:
        key = sign_in_key_of(State.data)
        given.setdefault("sign_in_public_key", public_key_of(key))
        if service in installed_services() and installed_services()[service].keeps_directory:
            given["sign_in_key"] = key
    return read_settings(kind, **given)


def settings_of(service: str, kind: type[S]) -> S:
    """The same; what is wrong in them is an end that names each variable."""
    try:
        return read_settings_of(service, kind)
    except SettingsRefused as refused:
        fail(str(refused), 2)


def refuse_wrong_settings(services: Iterable[Service]) -> None:
    """Before anything starts: end with a sentence for each variable that is wrong, all at once.

    What is written almost right, and read by nobody, is said too.
    """
    services = list(services)
    for words in unknown_settings(services):
        err.print(words, style="yellow", markup=False, soft_wrap=True)
    problems = wrong_settings(services)
    if problems:
        fail("\n".join(problems), 2)


def wrong_settings(services: Iterable[Service]) -> list[str]:
    """A sentence for each variable that is wrong, and for a folder nothing can be kept in."""
    problems = [folder_problem(State.data)]
    for service in services:
        try:
            read_settings_of(service.name, service.settings)
            # `up` has addresses of its own; what is wrong with others would be met later.
            read_settings(service.settings)
        except SettingsRefused as refused:
            problems += refused.problems
    return [words for words in dict.fromkeys(problems) if words]


def unknown_settings(services: Iterable[Service]) -> list[str]:
    return list(unknown_variables([one.settings for one in services], os.environ))


def consortium_here() -> Consortium:
    """Who takes part; a file that is wrong is an end that names its lines."""
    try:
        return consortium_of(settings_of(OPERATOR, Settings))
    except (NoSuchFile, UnreadableConsortium) as error:
        fail(str(error), 2)


def desk_here() -> Desk:
    """The operator's desk; without one, an end that says where it is."""
    desk = desk_if_here()
    if desk is None:
        fail(
            "Who takes part is not kept from here. Where the broker is looked after, "
            "ESSAIM_CONSORTIUM names the file, and ESSAIM_NATS_SYSTEM_SEED_FILE the key of the "
            "broker's user « system ».",
            2,
        )
    return desk


def desk_if_here() -> Desk | None:
    """Beside the consortium file that is named, or in the data folder of `essaim up`."""
    settings = settings_of(OPERATOR, Settings)
    if settings.consortium is None or settings.consortium == file_in(State.data):
        has_broker = keys_folder(State.data).is_dir() or "ESSAIM_NATS_URL" not in os.environ
        return desk_in(State.data, installed_services()) if has_broker else None
    system_seed = settings.nats_system_seed_file
    if system_seed is None:
        return None
    return Desk(
        settings.consortium,
        settings.consortium.parent,
        installed_services(),
        operator_seed=settings.read_nats_seed(),
        system_seed=system_seed.read_text().strip(),
        url=settings.nats_url,
        ca=settings.nats_ca,
    )


def partner_here(consortium: Consortium) -> Partner | None:
    """The partner whose machine this is; None where who takes part is looked after."""
    installed = installed_services()
    if desk_if_here() is not None:
        return None
    seed = settings_of(OPERATOR, Settings).read_nats_seed()
    key = key_of_seed(seed) if seed else None
    ours = [one for one in consortium.partners if one.key is not None and one.key == key]
    if not ours and len(installed) == 1:
        ours = [one for one in consortium.partners if one.service in installed]
    return ours[0] if ours else None


def run_here(consortium: Consortium) -> list[Service]:
    """The installed services that a partner elsewhere has not taken over."""
    partner = partner_here(consortium)
    names = (partner.service,) if partner else consortium.here
    return [one for one in installed_services().values() if one.name in names]


def hub_here(desk: Desk) -> Hub:
    """What whoever joins has to know; where nothing ever ran, an end that says so."""
    try:
        return hub_of(desk, settings_of(desk.consortium().keeper, Settings))
    except UnusableKey as error:
        fail(
            f"{error}\nNothing may have run in {State.data} yet: start `essaim up` first, or name "
            "the folder where it did with --data; that of the demo is data/demo.",
            2,
        )


def close_to_others(folder: Path) -> None:
    """Keep the data folder from all other users of the machine, and say so where we cannot.

    What is written from here on is; what an earlier version wrote is mended.
    """
    if not folder.is_dir():
        return
    files = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
    loose = [path for path in (folder, *files) if path.stat().st_mode & _LETS_OTHERS_IN]
    if loose and not _is_data_folder(folder):
        _say_left_open(folder, "it holds other things than Essaim's")
        return
    for path in loose:
        try:
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_LETS_OTHERS_IN)
        except OSError as error:
            _say_left_open(path, error.strerror or str(error))


_LETS_OTHERS_IN = 0o077


def _say_left_open(path: Path, why: str) -> None:
    words = f"{path} may be read by other users of this machine, and is left so: {why}."
    err.print(words, style="yellow", markup=False, soft_wrap=True)


def _is_data_folder(folder: Path) -> bool:
    """Whether closing it closes nothing else: a database or the broker's folder lies in it."""
    return any(folder.glob("*.db")) or (folder / "nats").is_dir() or not any(folder.iterdir())


@contextmanager
def database_of(service: Service) -> Iterator[Database]:
    """A service's database, which must exist and be of the installed version."""
    settings = settings_of(service.name, service.settings)
    database = Database(settings.database_url_of(service.name))
    if database.is_sqlite and not Path(database.url.database or "").exists():
        fail(
            f"There is no database of {service.name} at {database.url.database}. Start it once "
            f"with `essaim up` or `essaim run {service.name}`, or name another folder with --data."
        )
    missing = missing_migrations(database, service)
    if missing:
        fail(
            f"The database of {service.name} lacks {', '.join(missing)}. Run "
            f"`essaim migrate {service.name}`."
        )
    try:
        yield database
    finally:
        database.close()


@contextmanager
def work_on(service: str) -> Iterator[Work]:
    """One transaction on a service's database; what runs there publishes within two seconds."""
    with database_of(named(service)) as database, open_work(database, SystemClock()) as work:
        yield work


def operator_connection() -> AbstractAsyncContextManager[Client]:
    """A connection with the operator's rights."""
    settings = settings_of(OPERATOR, Settings)
    seed = settings.read_nats_seed()
    return connected(settings.nats_url, OPERATOR, seed, settings.nats_ca)


@asynccontextmanager
async def broker_of(service: str) -> AsyncIterator[Broker]:
    """A connection with a service's own rights."""
    broker = Broker(settings_of(service, Settings), service, {})
    try:
        await asyncio.wait_for(broker.start(), 10)
    except TimeoutError as error:
        raise TimeoutError(broker.trouble) from error
    try:
        yield broker
    finally:
        await broker.stop()


async def _until_told(task: Coroutine[Any, Any, T]) -> T:
    """Whatever it made for itself it takes away, as after Ctrl-C."""
    running = asyncio.ensure_future(task)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await running


def run(task: Coroutine[Any, Any, T]) -> T:
    """Run a task against the broker; without a broker, or when told to end, say so and end."""
    try:
        return asyncio.run(_until_told(task))
    except asyncio.CancelledError:
        fail("Ended as it was told to, before it was done.", 128 + signal.SIGTERM)
    except (OSError, NatsError, TimeoutError) as error:
        url = settings_of(OPERATOR, Settings).nats_url
        fail(
            f"The broker at {url} cannot be used: {error or type(error).__name__}. Start it "
            "(`essaim up`, or compose), or set ESSAIM_NATS_URL and ESSAIM_NATS_SEED_FILE."
        )

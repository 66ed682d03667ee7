"""`essaim sandbox`: invented facts for integrators to try against."""

import signal
from pathlib import Path
from typing import Annotated

import typer

from essaim.broker.sandbox import ONE_AT_A_TIME, READERS, seed_of
from essaim.broker.topology import TopologyRefused
from essaim.cli.reach import State, fail, out, run
from essaim.running.nats_server import BrokerNotStarted
from essaim.running.sandbox import sandbox_in, tell_for_ever


def sandbox(
    port: Annotated[int, typer.Option(help="The port of its broker.")] = 4333,
    host: Annotated[
        str, typer.Option(help="The address it listens on; 0.0.0.0 for everybody.")
    ] = "127.0.0.1",
    pace: Annotated[float, typer.Option(min=0.01, help="Seconds from one fact to the next.")] = 3.0,
    data: Annotated[
        Path | None, typer.Option(help="A folder for it alone. Default: sandbox in --data.")
    ] = None,
) -> None:
    """Tell an invented edition again and again, in a broker of its own with public readers.

    Nothing of the consortium is in it. Say where it is with ESSAIM_SANDBOX_URL, and the page for
    integrators shows how to try it.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with sandbox_in(data or State.data / "sandbox", host=host, port=port) as (server, seed):
            out.print(_how_to_try(server.url), markup=False, soft_wrap=True)
            run(tell_for_ever(server.url, seed, pace))
    except (BrokerNotStarted, TopologyRefused) as error:
        fail(str(error))
    except KeyboardInterrupt:
        out.print("Stopped.")


def _how_to_try(url: str) -> str:
    user = READERS[0]
    return (
        f"Invented facts are told on {url}. To read them, for instance:\n\n"
        f"  printf %s {seed_of(user)} >essai.seed\n"
        f"  export ESSAIM_NATS_URL={url} ESSAIM_NATS_USER={user} "
        "ESSAIM_NATS_SEED_FILE=essai.seed\n\n"
        f"Others are {READERS[1]} to {READERS[-1]}, and {ONE_AT_A_TIME[0]} to {ONE_AT_A_TIME[-1]} "
        "one fact at a time. Ctrl-C ends it."
    )

"""`essaim facts`: read the stream, as an operator."""

import json as json_module
from collections.abc import AsyncIterator, Set
from pathlib import Path
from typing import Annotated, Any

import typer

from essaim.broker.topology import FACTS
from essaim.cli.reach import consortium_here, fail, operator_connection, out, run, say_json
from essaim.hearing.message import Message, Unreadable, read_fact
from essaim.operating.reading import reading

app = typer.Typer(no_args_is_help=True, help="Read the facts of the stream.")

Kind = Annotated[
    str | None, typer.Option("--type", help="Part of a type, like `session` or `trophy.awarded`.")
]


@app.command()
def tail(
    type: Kind = None,
    last: Annotated[int, typer.Option(min=0, help="Begin with this many of the past.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show facts as they come, until Ctrl-C."""
    try:
        run(_tail(type, last, json))
    except KeyboardInterrupt:
        return


@app.command()
def show(
    which: Annotated[str, typer.Argument(help="The id of a fact, or its number in the stream.")],
) -> None:
    """Show one fact whole."""
    found = run(_find(which))
    if found is None:
        fail(f"No fact {which} in the stream. See `essaim facts tail`.")
    say_json(found)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write, one JSON object a line.")],
    type: Kind = None,
) -> None:
    """Write all facts to a file, in order."""
    count = run(_export(file, type))
    out.print(f"{count} facts written to {file}.")


async def _tail(kind: str | None, last: int, as_json: bool) -> None:
    async for fact in _read(last=last, follow=True):
        if kind and kind not in fact["type"]:
            continue
        if as_json:
            print(json_module.dumps(fact, ensure_ascii=False), flush=True)
        else:
            line = f"{fact['seq']:>7}  {fact['time']}  {fact['type']}  {fact['key']}"
            if fact["trouble"]:
                line = f"{fact['seq']:>7}  {fact['subject']}: put aside. {fact['trouble']}"
            out.print(line, markup=False)


async def _find(which: str) -> dict[str, Any] | None:
    async for fact in _read():
        if which in (fact["id"], str(fact["seq"])):
            return fact
    return None


async def _export(file: Path, kind: str | None) -> int:
    count = 0
    with file.open("w", encoding="utf-8") as out_file:
        async for fact in _read():
            if kind is None or kind in fact["type"]:
                out_file.write(json_module.dumps(fact, ensure_ascii=False) + "\n")
                count += 1
    return count


async def _read(*, last: int | None = None, follow: bool = False) -> AsyncIterator[dict[str, Any]]:
    """Facts in order: all that are there, or the `last` ones; `follow` never ends."""
    said = consortium_here().said
    async with operator_connection() as connection:
        jetstream = connection.jetstream(timeout=5)
        state = (await jetstream.stream_info(FACTS)).state
        first = 1 if last is None else max(1, state.last_seq - last + 1)
        if not follow and state.messages == 0:
            return
        async with reading(connection, FACTS, first) as pull:
            while True:
                for message in await pull.next_chunk(512, 1.0):
                    yield _fact(message, said)
                    if not follow and message.seq >= state.last_seq:
                        return


def _trouble(message: Message, said: Set[str] | None) -> str | None:
    """Why readers put it aside: what its headers say is not believed by itself."""
    try:
        read_fact(message, said)
    except Unreadable as error:
        return str(error)
    return None


def _fact(message: Message, said: Set[str] | None = None) -> dict[str, Any]:
    try:
        data = json_module.loads(message.body)
    except ValueError:
        data = message.body.decode(errors="replace")
    headers = message.headers
    return {
        "seq": message.seq,
        "subject": message.subject,
        "trouble": _trouble(message, said),
        "id": headers.get("ce-id", ""),
        "type": headers.get("ce-type", ""),
        "time": headers.get("ce-time", ""),
        "key": headers.get("ce-subject", ""),
        "headers": dict(headers),
        "data": data,
    }

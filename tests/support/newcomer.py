"""A partner's own small service, on nats-py alone; with a name of a fault it has that fault.

It answers erasures, and writes a note about each project of a cohort it hears of. What it did and
has to say is in one SQLite file; it says what is not said yet, then acknowledges.
"""

import asyncio
import json
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

NAME = os.environ["ESSAIM_NATS_USER"]
FAULT = sys.argv[1] if len(sys.argv) > 1 else ""
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PREFIX = f"essaim.{NAME}"
REQUIRED = ("ce-id", "ce-type", "ce-source", "ce-subject", "ce-time", "ce-correlationid")

database = sqlite3.connect(
    ":memory:" if FAULT == "forgetful" else f"{os.environ['ESSAIM_DATA']}/{NAME}.db"
)
database.executescript("""
    CREATE TABLE IF NOT EXISTS seen (identity TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS told (
        position INTEGER PRIMARY KEY, subject TEXT, headers TEXT, body TEXT, is_said INTEGER
    );
""")


class Unreadable(ValueError):
    """Not a fact; put aside."""


def read(message: Msg) -> tuple[dict[str, str], dict[str, Any]]:
    headers = {name.lower(): value for name, value in (message.headers or {}).items()}
    if any(name not in headers for name in REQUIRED) or headers["ce-specversion"] != "1.0":
        raise Unreadable("a header is missing")
    if not UUID.fullmatch(headers["ce-id"]) or "%z" in headers["ce-correlationid"]:
        raise Unreadable("a header is wrong")
    datetime.fromisoformat(headers["ce-time"])
    body = json.loads(message.data)
    if not isinstance(body, dict):
        raise Unreadable("the body is no object")
    programme = headers["ce-source"].split("/")[1]
    type = headers["ce-type"].removeprefix("essaim.")
    said = f"essaim.{programme}.{type}.{headers['ce-subject']}"
    owner = headers["ce-source"].split("/")[2]
    agrees = message.subject == said and type.startswith(f"{owner}.")
    key = body["person_id"] if type.startswith("candidatures.person") else body["cohort_id"]
    if FAULT != "credulous" and not (agrees and key == headers["ce-subject"]):
        raise Unreadable("subject, headers and body disagree")
    return headers, body


def take(message: Msg) -> None:
    """One transaction: what was handled, and what follows from it."""
    headers, body = read(message)
    source = "" if FAULT == "id alone" else headers["ce-source"]
    identity = str(uuid4()) if FAULT == "no memory" else f"{source}/{headers['ce-id']}"
    with database:
        seen = database.execute("INSERT OR IGNORE INTO seen VALUES (?)", [identity])
        if not seen.rowcount:
            return
        for subject, told, answer in () if FAULT == "only reads" else answers(headers, body):
            values = [subject, json.dumps(told), json.dumps(answer)]
            database.execute(
                "INSERT INTO told (subject, headers, body, is_said) VALUES (?, ?, ?, 0)", values
            )


def answers(
    headers: dict[str, str], body: dict[str, Any]
) -> Iterator[tuple[str, dict[str, str], dict[str, Any]]]:
    programme = headers["ce-source"].split("/")[1]
    if headers["ce-type"].endswith("person.erased.v1"):
        if FAULT == "silent":
            return
        if not UUID.fullmatch(str(body["person_id"])) or not isinstance(body["erased_at"], str):
            raise Unreadable("a field is wrong")
        answer = {"person_id": body["person_id"], "forgotten_at": now()}
        yield told(headers, programme, f"{PREFIX}.person.forgotten.v1", body["person_id"], answer)
    else:
        for project in body["projects"]:
            note = {"project_id": project["project_id"], "title": project["title"]}
            type = f"{PREFIX}.note.written.v1"
            yield told(headers, programme, type, project["project_id"], note)


def told(
    cause: dict[str, str], programme: str, type: str, key: str, body: dict[str, Any]
) -> tuple[str, dict[str, str], dict[str, Any]]:
    id = str(uuid4())
    about = str(uuid4()) if FAULT == "another subject" else key
    headers = {
        "Nats-Msg-Id": str(uuid4()) if FAULT == "another id" else id,
        "content-type": "application/json",
        "ce-specversion": "1.0",
        "ce-id": id,
        "ce-type": type,
        "ce-source": f"/{programme}/{NAME}",
        "ce-subject": key,
        "ce-time": now(),
        "ce-correlationid": cause["ce-correlationid"],
        "ce-causationid": cause["ce-id"],
    }
    return f"essaim.{programme}.{type.removeprefix('essaim.')}.{about}", headers, body


def now() -> str:
    return datetime.now(UTC).isoformat()


async def say(connection: Client) -> None:
    query = "SELECT position, subject, headers, body FROM told WHERE NOT is_said ORDER BY position"
    order = " DESC" if FAULT == "backwards" else ""
    for position, subject, headers, body in database.execute(query + order).fetchall():
        stored = await connection.request(
            subject, body.encode(), headers=json.loads(headers), timeout=5
        )
        if "error" in json.loads(stored.data):
            raise ValueError(stored.data)
        with database:
            database.execute("UPDATE told SET is_said = 1 WHERE position = ?", [position])


async def answer(asked: Msg) -> None:
    """The question of a sign-in link, where we are who sends them."""
    said: Any = "sent" if FAULT == "another answer" else {"queued": True}
    try:
        json.loads(asked.data)["token"]
    except (ValueError, KeyError, TypeError) as error:
        if FAULT == "no refusal":
            return
        said = {"failure": type(error).__name__}
    await asked.respond(json.dumps(said).encode())


async def main() -> None:
    with open(os.environ["ESSAIM_NATS_SEED_FILE"]) as file:  # noqa: ASYNC230
        seed = file.read()
    connection = await nats.connect(
        os.environ["ESSAIM_NATS_URL"],
        nkeys_seed_str=seed,
        inbox_prefix=f"_INBOX_{NAME}".encode(),
        allow_reconnect=FAULT != "gives up",
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,
    )
    if FAULT == "reaches":
        await connection.publish("essaim.premices.candidatures.call.closed.v1.mine", b"{}")
    if FAULT not in ("only reads", "mute"):
        await connection.subscribe(f"essaim.ask.{NAME}.*", cb=answer)
    facts = await connection.jetstream().pull_subscribe_bind(NAME, stream="ESSAIM")
    while not connection.is_closed:
        try:
            messages = await facts.fetch(20, timeout=1)
        except (TimeoutError, nats.js.errors.APIError):
            continue
        for message in messages:
            if FAULT == "acknowledges first":
                await message.ack()
                await asyncio.sleep(0.05)  # what it does takes a while
            try:
                take(message)
            except (ValueError, KeyError, TypeError, RecursionError):
                if FAULT == "dies of it":
                    raise
                if FAULT == "asks again":
                    await message.nak()
                    continue
            if FAULT != "backwards" or message is messages[-1]:
                await say(connection)
            if FAULT != "acknowledges first":
                await message.ack()
    await asyncio.Event().wait()


asyncio.run(main())

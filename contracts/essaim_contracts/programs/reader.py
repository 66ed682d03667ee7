"""Keep a table of the projects of every cohort."""

import asyncio
import os
import sqlite3
import ssl

import nats
from essaim_contracts.candidatures import CohortFormed
from essaim_contracts.envelope import from_message

database = sqlite3.connect("cohorts.db")
database.executescript("""
    CREATE TABLE IF NOT EXISTS seen (fact TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS project (id TEXT PRIMARY KEY, title TEXT, cohort TEXT);
""")


def keep(subject: str, headers: dict[str, str], body: bytes) -> None:
    envelope, payload = from_message(headers, body, subject=subject)
    if envelope.type != CohortFormed.type:
        return
    formed = CohortFormed.read(payload)
    with database:  # one transaction: the facts seen and what they did go together
        seen = database.execute("INSERT OR IGNORE INTO seen VALUES (?)", [envelope.identity])
        if seen.rowcount == 0:
            return
        for project in formed.projects:
            row = [str(project.project_id), project.title, formed.label]
            database.execute("INSERT OR REPLACE INTO project VALUES (?, ?, ?)", row)
            print(f"{project.title} is in {formed.label}", flush=True)


async def say(error: Exception) -> None:
    print("The broker:", str(error) or type(error).__name__, flush=True)


async def main() -> None:
    url, user = os.environ["ESSAIM_NATS_URL"], os.environ["ESSAIM_NATS_USER"]
    is_tls = url.startswith("tls://")
    connecting = nats.connect(
        url,
        nkeys_seed=os.environ["ESSAIM_NATS_SEED_FILE"],
        tls=ssl.create_default_context(cafile=os.environ.get("ESSAIM_NATS_CA")) if is_tls else None,
        tls_handshake_first=is_tls,  # or a false server could have us go on in the clear
        inbox_prefix=f"_INBOX_{user}".encode(),  # the only one you may listen to
        max_reconnect_attempts=-1,
        error_cb=say,
    )
    connection = await asyncio.wait_for(connecting, 30)  # the first time; later cuts are waited out
    facts = await connection.jetstream().pull_subscribe_bind(user, stream="ESSAIM")
    waiting = (await facts.consumer_info()).num_pending
    print(f"Reading as {user}; facts waiting: {waiting}", flush=True)
    while True:
        try:
            messages = await facts.fetch(100, timeout=5)
        except (TimeoutError, nats.js.errors.ServiceUnavailableError):
            await asyncio.sleep(1)  # nothing new, or the broker is about to be back
            continue
        for message in messages:
            try:
                keep(message.subject, message.headers or {}, message.data)
            except ValueError as error:  # malformed envelope, or a body we cannot read
                print(f"put aside {message.subject}: {error}", flush=True)
            await message.ack()


asyncio.run(main())

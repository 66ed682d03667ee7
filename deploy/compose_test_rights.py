"""Run inside scheduling's container: what it must not be able to do, with its own credentials."""

import asyncio
import os
import ssl
import sys
from contextlib import suppress

import nats
import psycopg

THEIRS = {
    "say another's fact": "essaim.essai.candidatures.application.received.v1.none",
    "pull another's consumer": "$JS.API.CONSUMER.MSG.NEXT.ESSAIM.reporting",
    "write in the directory": "$KV.directory.none",
    "delete the stream": "$JS.API.STREAM.DELETE.ESSAIM",
    "make a consumer": "$JS.API.CONSUMER.DURABLE.CREATE.ESSAIM.spy",
}
OVERHEARD = {
    "hear the facts as they pass": "essaim.>",
    "hear another's replies": "_INBOX_reporting.>",
}


async def allowed_on_the_broker() -> list[str]:
    refusals: asyncio.Queue[str] = asyncio.Queue()

    async def note(error: Exception) -> None:
        refusals.put_nowait(str(error).lower())

    connection = await nats.connect(
        os.environ["ESSAIM_NATS_URL"],
        nkeys_seed=os.environ["ESSAIM_NATS_SEED_FILE"],
        tls=ssl.create_default_context(cafile=os.environ["ESSAIM_NATS_CA"]),
        tls_handshake_first=True,
        error_cb=note,
    )
    for subject in THEIRS.values():
        await connection.publish(subject, b"{}")
    for subject in OVERHEARD.values():
        await connection.subscribe(subject)
    subjects = THEIRS | OVERHEARD
    refused = ""
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            for _ in subjects:
                refused += await refusals.get()
    await connection.close()
    return [what for what, subject in subjects.items() if subject.lower() not in refused]


def allowed_in_databases() -> list[str]:
    mine = os.environ["ESSAIM_DATABASE_URL"]
    allowed = []
    for other in ("candidatures", "notifications", "reporting", "postgres"):
        try:
            psycopg.connect(mine.rsplit("/", 1)[0] + f"/{other}").close()
        except psycopg.OperationalError as refusal:
            if "permission denied" in str(refusal):
                continue
            raise
        allowed.append(f"connect to the database {other}")
    return allowed


allowed = asyncio.run(allowed_on_the_broker()) + allowed_in_databases()
if os.getuid() == 0:
    allowed.append("be root")
sys.exit("scheduling may: " + "; ".join(allowed) if allowed else 0)

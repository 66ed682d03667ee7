"""Does the stream hold what the partners' journals say they told?"""

import asyncio
from dataclasses import dataclass, field

from nats.aio.client import Client

from essaim.keeping.database import Database
from essaim.operating.journal import Held, end_of, read_journal, read_stream


@dataclass
class Verified:
    """What comparing one service's journal with the stream found, by the facts' identities."""

    service: str
    told: int = 0
    in_stream: int = 0
    missing: list[str] = field(default_factory=list)
    """Published, says the journal; the stream does not hold it."""
    altered: list[str] = field(default_factory=list)
    """The stream holds other bytes under this identity."""
    unknown: list[str] = field(default_factory=list)
    """The stream holds it as this service's; the journal does not."""
    unpublished: int = 0

    @property
    def sound(self) -> bool:
        return not (self.missing or self.altered or self.unknown)


async def verify(connection: Client, journals: dict[str, Database]) -> list[Verified]:
    """Compare the whole stream with these journals."""
    stream = await read_stream(connection)
    found = []
    for service, database in journals.items():
        found.append(await asyncio.to_thread(_verify_one, service, database, stream))
    if any(result.missing for result in found):
        late = await read_stream(connection, after=end_of(stream))
        for result in found:
            published = [one for one in result.missing if one in late]
            result.missing = [one for one in result.missing if one not in late]
            result.in_stream += len(published)
    return found


def _verify_one(service: str, database: Database, stream: dict[str, Held]) -> Verified:
    result = Verified(service)
    journal = set()
    for told in read_journal(database):
        result.told += 1
        journal.add(told.identity)
        held = stream.get(told.identity)
        if held is None and told.seq is None:
            result.unpublished += 1
        elif held is None:
            result.missing.append(told.identity)
        elif held.digest != told.digest:
            result.altered.append(told.identity)
        else:
            result.in_stream += 1
    result.unknown = [
        identity
        for identity, held in stream.items()
        if held.subject.split(".")[2] == service and identity not in journal
    ]
    return result

"""What a restored database needs before anybody is served from it."""

from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sa
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.envelope import NETWORK

from essaim.backup.erased import Erased, erased_in
from essaim.keeping.tables import lease
from essaim.operating.journal import note_places_in
from essaim.people import sign_ins
from essaim.people.directory import erase_person
from essaim.service import Service
from essaim.telling import outbox
from essaim.work import Work


def make_ready(
    db: sa.Connection, service: Service, placed: Mapping[int, int], erased: Erased
) -> None:
    """Facts that were on their way have their places; no lease, no session is left; who is erased
    is erased here too, and the keeper of the directory says so once more."""
    note_places_in(db, dict(placed))
    db.execute(sa.delete(lease))
    # Which of them were ended since the backup, nobody here knows.
    sign_ins.end_everybodys(db)
    erase_again(db, service, erased, say=True)


def erase_again(db: sa.Connection, service: Service, erased: Erased, *, say: bool) -> int:
    """Erase those that this database does not know as erased; says how many they were.

    `say` is for when the stream may not hold that they were: the partners hear it again.
    """
    known = erased_in(db)
    work = Work(db, datetime.now(UTC))
    lately = {person_id: at for person_id, at in erased.items() if person_id not in known}
    for person_id, at in lately.items():
        if service.erasure.forget is not None:
            service.erasure.forget(work, person_id)
        erase_person(db, person_id, at, share=service.keeps_directory)
        if say and service.keeps_directory:
            work.tell(PersonErased(person_id=person_id, erased_at=at), programme=NETWORK)
    outbox.save(db, work.told)
    return len(lately)

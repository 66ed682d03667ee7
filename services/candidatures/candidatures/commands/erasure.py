"""Forgetting a person: asked, decided, here at once, at the partners when they hear it."""

from collections.abc import Iterable
from uuid import UUID

from essaim import Person, Work
from essaim.keeping.database import note_erasure
from essaim.people import directory
from essaim_contracts.candidatures import PersonErased
from essaim_contracts.envelope import NETWORK
from essaim_contracts.fact import PersonForgotten

from candidatures import store
from candidatures.commands import person
from candidatures.erasure import (
    Confirmation,
    ErasureAsked,
    asks_as,
    expected,
    not_asked,
    refuse_asker,
    refuse_decider,
)
from candidatures.person import (
    is_operator,
    is_self,
    keeps_an_operator,
    last_operator,
    programmes_of,
)


def ask(work: Work, person_id: UUID, asker: Person) -> ErasureAsked:
    """Note that a person is to be forgotten, once somebody who may confirms it.

    Asked again, it stays as it was asked first.

    Raises:
        Refusal: (404) the directory does not have her; (403) the asker may not; she is the last
            operator.
    """
    known, filed = person.get(work, person_id), _filed(work, person_id)
    refuse_asker(asker, known, filed, work.today)
    _refuse_last_operator(work, known)
    asked = ErasureAsked(person_id, asker.id, work.now)
    if store.erasure.note_asked(work.db, asked):
        by, programme = asks_as(asker, known, filed, work.today)
        work.tell(asked.told(by), programme=programme)
    return _asked(work, person_id)


def cancel(work: Work, person_id: UUID, asker: Person) -> None:
    """Whoever might ask may also say that it was an error.

    Raises:
        Refusal: as for asking, or it was not asked.
    """
    known, filed = person.get(work, person_id), _filed(work, person_id)
    refuse_asker(asker, known, filed, work.today)
    asked = _asked(work, person_id)
    store.erasure.forget_asked(work.db, person_id)
    by, programme = asks_as(asker, known, filed, work.today)
    work.tell(asked.taken_back(by, work.now), programme=programme)


def confirm(work: Work, person_id: UUID, decider: Person, services: Iterable[str]) -> None:
    """Forget a person for whom it was asked.

    Raises:
        Refusal: it was not asked, or the decider may not, or not yet.
    """
    known = person.get(work, person_id)
    filed = _filed(work, person_id)
    refuse_asker(decider, known, filed, work.today)
    touched = filed | _programmes_with_her_address(work, known)
    asked = _asked(work, person_id)
    refuse_decider(decider, asked, known, touched, work.now)
    asker = directory.find_person(work.db, asked.asked_by)
    by_herself = asker is not None and is_self(asker, known)
    erase(work, person_id, services, asked_by_herself=by_herself)


def erase(
    work: Work, person_id: UUID, services: Iterable[str], *, asked_by_herself: bool | None = None
) -> None:
    """Forget a person, and tell the partners, whose services will confirm it.

    So are those who are only said to have her address, which is proved to be hers: nobody asked
    that of them.

    Raises:
        Refusal: (404) the directory does not have her; she is the last operator.
    """
    known, services = person.get(work, person_id), list(services)
    _refuse_last_operator(work, known)
    for erased in (known, *_said_to_be(work, known)):
        forget_person(work, erased.id)
        expect_confirmations(work, erased.id, services)
        work.forget(erased.id)
        asked = asked_by_herself if erased.id == person_id else None
        told = PersonErased(person_id=erased.id, erased_at=work.now, asked_by_herself=asked)
        work.tell(told, programme=NETWORK)


def _said_to_be(work: Work, known: Person) -> list[Person]:
    """Those who are only said to have the address that is proved to be hers."""
    namesakes = directory.people_of_email(work.db, known.email) if known.email else []
    return [one for one in namesakes if one.id != known.id and is_self(known, one)]


def _programmes_with_her_address(work: Work, known: Person) -> set[str]:
    """The programmes that would lose, with her, who or what only gives her address.

    A coordinator enters whom she likes under any address: what others hold under it is not hers.
    """
    if known.email is None:
        return set()
    given = store.erasure.programmes_given(work.db, known.email, sent_too=known.email_proved)
    return given.union(*map(programmes_of, _said_to_be(work, known)))


def _asked(work: Work, person_id: UUID) -> ErasureAsked:
    asked = store.erasure.find_asked(work.db, person_id)
    if asked is None:
        raise not_asked()
    return asked


def _filed(work: Work, person_id: UUID) -> set[str]:
    return store.programme.filed(work.db, [person_id]).get(person_id, set())


def _refuse_last_operator(work: Work, known: Person) -> None:
    if not is_operator(known):
        return
    before = [one for one in directory.all_people(work.db) if is_operator(one)]
    after = [one for one in before if one.id != known.id]
    if not keeps_an_operator(before, after, work.today):
        raise last_operator(known.name)


def forget_person(work: Work, person_id: UUID) -> None:
    """Erase what this service holds about a person.

    What was sent from her address by others is hers once that is proved to be; what they only
    began goes with whoever was said to have it, while nobody is proved to.
    """
    known = directory.find_person(work.db, person_id)
    owner = directory.find_person_by_email(work.db, known.email) if known and known.email else None
    is_owned = owner is not None and owner.email_proved and owner.id != person_id
    store.erasure.erase_person(
        work.db,
        person_id,
        None if known is None or is_owned else known.email,
        sent_too=known is not None and known.email_proved,
    )
    store.accompaniment.forget_person(work.db, person_id)


def forget_keys_left(work: Work) -> bool:
    """What an earlier release left behind of whom it erased goes too. A timer."""
    if store.erasure.forget_keys_left(work.db):
        note_erasure(work.db)
    return False


def note_confirmation(work: Work, service: str, forgotten: PersonForgotten) -> None:
    """A partner forgot her too; the first time it says so counts."""
    at = forgotten.forgotten_at
    store.erasure.save_confirmation(
        work.db, Confirmation(forgotten.person_id, service, erased_at=at, confirmed_at=at)
    )


def expect_confirmations(work: Work, person_id: UUID, services: Iterable[str]) -> None:
    """Note that these services have to confirm that they forgot her too."""
    store.erasure.await_confirmations(work.db, expected(person_id, work.now, services))

"""The charter of a call, accepted by either side of an application."""

from uuid import UUID

from essaim import Person, Work

from candidatures import store
from candidatures.charter import Acceptance, Charter, Side, charter_not_accepted_yet


def accept(work: Work, application_id: UUID, charter: Charter, bearer_id: UUID) -> None:
    """Who sends an application accepts the charter as it stands."""
    accepted = Acceptance(Side.APPLICANT, bearer_id, work.now, charter)
    store.charter.add(work.db, application_id, accepted)


def accept_for_programme(work: Work, application_id: UUID, person: Person) -> None:
    """The programme accepts the same charter, once; who did it first stays.

    Raises:
        Refusal: (404) there is no such application; (409) it accepted none.
    """
    store.application.get(work.db, application_id, lock=True)
    found = store.charter.of_application(work.db, application_id)
    if Side.APPLICANT not in found:
        raise charter_not_accepted_yet()
    if Side.PROGRAMME not in found:
        charter = found[Side.APPLICANT].charter
        accepted = Acceptance(Side.PROGRAMME, person.id, work.now, charter)
        store.charter.add(work.db, application_id, accepted)

"""Applications: sent, and taken back."""

from collections.abc import Set
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from essaim import Person, Work
from essaim.clock import PARIS
from essaim.ids import new_id
from essaim.people import directory
from essaim_contracts.candidatures import WithdrawalReason

from candidatures import application, store
from candidatures.application import (
    Application,
    claimed_too_late,
    receive,
    refuse_outside_window,
    refuse_unless_draft,
    unknown_application,
)
from candidatures.application_form import (
    Checked,
    check_application,
    files_asked,
    sent_content,
)
from candidatures.call import Call
from candidatures.charter import refuse_unaccepted
from candidatures.commands import handover
from candidatures.commands.bearer import as_bearer
from candidatures.commands.call import open_call
from candidatures.commands.charter import accept


def submit(
    work: Work, application_id: UUID, arrived_at: datetime, charter: str | None = None
) -> str:
    """Send a draft; gives the number of its receipt, which holds once this work is committed.

    `arrived_at` is when the request came in: waiting for the database at the deadline must not
    make it late. `charter` is the mark of the one she accepts, where the call has one.

    Raises:
        Refusals: one for each field that is missing or wrong.
        Refusal: the call is not open, or the application was sent or withdrawn already.
    """
    draft = store.application.get(work.db, application_id, lock=True)
    refuse_unless_draft(draft)
    call = store.call.of_id(work.db, draft.call_id, lock=True)
    refuse_outside_window(call, arrived_at)
    documents = set(store.document.of_application(work.db, draft.id))
    checked = check_application(call, draft.content, documents, _day_of(arrived_at))
    refuse_unaccepted(call.charter, charter)
    _leave_out_what_was_not_asked(work, call, draft, documents)
    if call.opened_at is None:
        open_call(work, call)
    bearer = _bearer(work, call, checked, draft)
    number = call.receipt_number(store.call.take_number(work.db, call))
    received = receive(
        call, draft, checked, bearer_id=bearer.id, number=number, arrived_at=arrived_at
    )
    store.application.save_received(work.db, received, work.now)
    store.project.save_received(work.db, received)
    if call.charter is not None:
        accept(work, draft.id, call.charter, bearer.id)
    work.tell(received, programme=call.programme)
    return number


def _day_of(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def _leave_out_what_was_not_asked(
    work: Work, call: Call, draft: Application, documents: Set[str]
) -> None:
    """Answers and files of questions that other answers took away since they were given."""
    content = sent_content(call, draft.content)
    if content != draft.content:
        store.application.save(work.db, replace(draft, content=content), work.now)
    asked = {one.code for one in files_asked(call, content)}
    for code in documents - asked:
        store.document.delete(work.db, draft.id, code)


def _bearer(work: Work, call: Call, checked: Checked, draft: Application) -> Person:
    """The person of the directory who sends this, or somebody new.

    Who only typed an address becomes nobody who is known by it.
    """
    known = _sender(work, checked, draft)
    if known is None:
        known = Person(
            id=new_id(),
            name=checked.bearer_name,
            email=checked.bearer_email,
            phone=checked.bearer_phone,
            language=draft.language,
            email_proved=draft.address_is_proved,
        )
    return as_bearer(work, known, call.programme)


def _sender(work: Work, checked: Checked, draft: Application) -> Person | None:
    """Whoever proved to have this address: by signing in, or by the link mailed to it."""
    owner = directory.find_person_by_email(work.db, checked.bearer_email)
    if owner is None or not owner.email_proved:
        return None
    return owner if draft.address_is_proved or owner.id == work.actor else None


def claim(work: Work, application_id: UUID, person: Person) -> None:
    """She says that she sent what was sent from her address, before that was proved.

    Raises:
        Refusal: (404) it is not from her address; its project is in a cohort already.
    """
    found = store.application.get(work.db, application_id, lock=True)
    if found.bearer_id is None or found.bearer_id not in directory.own_ids(work.db, person):
        raise unknown_application()
    call = store.call.of_id(work.db, found.call_id, lock=True)
    if store.project.get(work.db, found.project_id).cohort_id is not None:
        raise claimed_too_late()
    store.application.save_bearer(work.db, found, person.id)
    store.project.save_bearer(work.db, found.project_id, person.id)
    # Whoever sent it held a secret of it, and may be somebody else.
    store.draft_secret.end_others(work.db, found.id, person.email or "", work.now)
    as_bearer(work, person, call.programme)


def withdraw(work: Work, application_id: UUID, reason: WithdrawalReason) -> None:
    """Take a received application back.

    Raises:
        Refusal: it is a draft, was withdrawn before, or its project already entered a cohort.
    """
    found = store.application.get(work.db, application_id, lock=True)
    # The call's lock keeps this apart from decisions being applied.
    call = store.call.of_id(work.db, found.call_id, lock=True)
    project = store.project.find(work.db, found.project_id)
    cohort_id = project.cohort_id if project else None
    cohort = store.cohort.find(work.db, cohort_id) if cohort_id else None
    withdrawn = application.withdraw(
        call, found, reason, work.now, cohort=cohort.label if cohort else None
    )
    store.application.save_withdrawn(work.db, found.id, withdrawn.withdrawn_at, reason)
    handover.end_with_application(work, found.id)
    work.tell(withdrawn, programme=call.programme)

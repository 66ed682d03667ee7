"""What an applicant does, from the first save to the receipt.

Each act loads, decides, saves and tells in the Work it is given.
"""

from datetime import datetime
from uuid import UUID

from essaim.clock import PARIS
from essaim.ids import new_id
from essaim.keeping.documents import Kept
from essaim.people import directory
from essaim.person import Person, Role, RoleHeld
from essaim.refusal import Refusal
from essaim.work import Work
from essaim_contracts.candidatures import WithdrawalReason

from candidatures import store
from candidatures.application import (
    Application,
    ApplicationState,
    receive,
    refuse_outside_window,
    refuse_unless_draft,
    save_content,
    withdraw,
)
from candidatures.application_form import Checked, Content, check_application
from candidatures.call import Call, close_call, open_call
from candidatures.document import MEDIA_TYPES
from candidatures.form import DocumentAsked, FileType


def unknown_call(slug: str) -> Refusal:
    return Refusal(
        "unknown_call",
        "Aucun appel ne s'appelle « {slug} ». Vérifiez l'adresse.",
        status=404,
        slug=slug,
    )


def unknown_application() -> Refusal:
    return Refusal(
        "unknown_application",
        "Cette candidature n'existe pas, ou ce lien n'y donne pas accès. "
        "Ouvrez le lien reçu par courriel.",
        status=404,
    )


def get_call(work: Work, slug: str) -> Call:
    call = store.find_call(work.db, slug)
    if call is None:
        raise unknown_call(slug)
    return call


def get_application(work: Work, application_id: UUID) -> Application:
    """The application, locked until we commit."""
    application = store.find_application(work.db, application_id, lock=True)
    if application is None:
        raise unknown_application()
    return application


def save_draft(
    work: Work,
    call: Call,
    token: str,
    content: Content,
    version: int,
    *,
    language: str,
    arrived_at: datetime,
    form_id: str | None = None,
) -> Application:
    """Save what she wrote: in the draft her secret opens, or in a new one at the first save.

    A draft may still be saved after the closing, so that nothing typed is lost; a new one may not
    be begun outside the window of the call.

    Raises:
        StaleForm: another page saved something else meanwhile.
        Refusal: it was sent already, or the call is not open and there is no draft.
    """
    draft = store.find_draft(work.db, call.id, token, lock=True)
    if draft is None:
        draft = start_draft(work, call, token, language=language, arrived_at=arrived_at)
    return _save(work, draft, content, version, form_id)


def save_draft_of_id(
    work: Work, application_id: UUID, content: Content, version: int
) -> Application:
    """The same for a draft that was begun before."""
    return _save(work, get_application(work, application_id), content, version, None)


def _save(
    work: Work, draft: Application, content: Content, version: int, form_id: str | None
) -> Application:
    saved = save_content(draft, content, version, form_id)
    if saved is not draft:
        store.save_application(work.db, saved, work.now)
    return saved


def start_draft(
    work: Work, call: Call, token: str, *, language: str, arrived_at: datetime
) -> Application:
    """An empty draft, version 0, that `token` opens; the one it opens already, when there is one.

    Raises:
        Refusal: the call is not open.
    """
    refuse_outside_window(call, arrived_at)
    empty = Application(
        id=new_id(),
        call_id=call.id,
        project_id=new_id(),
        state=ApplicationState.DRAFT,
        language=language,
        content={},
        version=0,
    )
    return store.add_application(work.db, empty, token, work.now)


def asked_document(call: Call, code: str) -> DocumentAsked:
    for asked in call.documents:
        if asked.code == code:
            return asked
    raise Refusal(
        "unknown_document",
        "L'appel « {title} » ne demande pas de document « {document} ».",
        status=404,
        title=call.title.fr,
        document=code,
    )


def add_document(
    work: Work, application_id: UUID, code: str, filename: str, kind: FileType, kept: Kept
) -> None:
    """Name a document that is on the disk, in place of the one of the same code."""
    refuse_unless_draft(get_application(work, application_id))
    store.save_document(
        work.db,
        {
            "application_id": application_id,
            "code": code,
            "filename": filename[-200:],
            "media_type": MEDIA_TYPES[kind],
            "size": kept.size,
            "sha256": kept.sha256,
            "uploaded_at": work.now,
        },
    )


def remove_document(work: Work, application_id: UUID, code: str) -> None:
    refuse_unless_draft(get_application(work, application_id))
    store.delete_document(work.db, application_id, code)


def submit(work: Work, application_id: UUID, arrived_at: datetime) -> str:
    """Send a draft; gives the number of its receipt, which holds once this work is committed.

    `arrived_at` is when the request came in: waiting for the database at the deadline must not
    make it late.

    Raises:
        Refusals: one for each field that is missing or wrong.
        Refusal: the call is not open, or the application was sent or withdrawn already.
    """
    draft = get_application(work, application_id)
    refuse_unless_draft(draft)
    call = store.call_of_id(work.db, draft.call_id, lock=True)
    refuse_outside_window(call, arrived_at)
    documents = set(store.documents_of(work.db, draft.id))
    checked = check_application(call, draft.content, documents)
    if call.opened_at is None:
        _say_opened(work, call)
    bearer = _bearer(work, call, checked, draft.language)
    number = call.receipt_number(store.take_number(work.db, call))
    received = receive(
        call, draft, checked, bearer_id=bearer.id, number=number, arrived_at=arrived_at
    )
    store.save_received(work.db, received, work.now)
    work.tell(received, programme=call.programme)
    return number


def _bearer(work: Work, call: Call, checked: Checked, language: str) -> Person:
    """The person of the directory who sends this: found by her address, or new."""
    today = work.now.astimezone(PARIS).date()
    known = directory.find_person_by_email(work.db, checked.bearer_email)
    if known is not None and known.holds({Role.BEARER}, today, call.programme):
        return known
    role = RoleHeld(Role.BEARER, call.programme, since=today)
    if known is None:
        known = Person(
            id=new_id(),
            name=checked.bearer_name,
            email=checked.bearer_email,
            phone=checked.bearer_phone,
            language=language,
        )
    person = Person(
        known.id, known.name, known.email, known.phone, known.language, (*known.roles, role)
    )
    work.share(person)
    return person


def withdraw_application(work: Work, application_id: UUID, reason: WithdrawalReason) -> None:
    application = get_application(work, application_id)
    # The call's lock keeps this apart from decisions being applied.
    call = store.call_of_id(work.db, application.call_id, lock=True)
    project = store.find_project(work.db, application.project_id)
    cohort_id = project.cohort_id if project else None
    cohort = store.find_cohort(work.db, cohort_id) if cohort_id else None
    withdrawn = withdraw(
        call, application, reason, work.now, cohort=cohort.label if cohort else None
    )
    store.save_withdrawn(work.db, application.id, reason.value, work.now)
    work.tell(withdrawn, programme=call.programme)


# --- timers


def open_due_calls(work: Work) -> bool:
    """Say that calls opened, once each. Leaves nothing for another round."""
    for call_id in store.calls_to_open(work.db, work.now):
        call = store.call_of_id(work.db, call_id, lock=True)
        if call.opened_at is None:
            _say_opened(work, call)
    return False


def close_due_calls(work: Work) -> bool:
    """Say that calls closed, once each, with how many applications came in time."""
    open_due_calls(work)
    for call_id in store.calls_to_close(work.db, work.now):
        call = store.call_of_id(work.db, call_id, lock=True)
        if call.closed_at is None:
            store.mark_closed(work.db, call.id, work.now)
            work.tell(close_call(call), programme=call.programme)
    return False


def _say_opened(work: Work, call: Call) -> None:
    store.mark_opened(work.db, call.id, work.now)
    work.tell(open_call(call), programme=call.programme)

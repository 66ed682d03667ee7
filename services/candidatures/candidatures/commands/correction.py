"""An application corrected or completed: asked, written beside it, sent, or asked no more."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from essaim import Work
from essaim.ids import new_id
from essaim.text.written import cleaned

from candidatures import correction, store
from candidatures.answer import document_field
from candidatures.application import (
    Application,
    ApplicationState,
    refuse_too_long,
    unknown_application,
)
from candidatures.application_form import read_leniently, sent_content
from candidatures.call import Call
from candidatures.commands.committee import refuse_decider_in_conflict
from candidatures.correction import (
    MOST_WORDS,
    Correction,
    SavedElsewhere,
    corrected_content,
    not_correctable,
    refuse_closed,
    refuse_incomplete,
)
from candidatures.document import Document
from candidatures.field_reader import Content

REMINDED_BEFORE = timedelta(days=2)
USUAL_TIME = timedelta(days=10)


def ask(
    work: Work, application_id: UUID, fields: Collection[str], open_until: date, words: str = ""
) -> UUID:
    """Ask its bearer to correct or complete these fields until a day.

    Raises:
        Refusal: it is decided or was withdrawn, something is asked already, a conflict of
            interest keeps her who asks from it; (422) nothing is chosen, or the day has passed.
    """
    found = store.application.get(work.db, application_id, lock=True)
    refuse_decider_in_conflict(work, found)
    return ask_for(work, found, fields, open_until, words)


def ask_for(
    work: Work, found: Application, fields: Collection[str], open_until: date, words: str = ""
) -> UUID:
    call = store.call.of_id(work.db, found.call_id)
    earlier = store.correction.of_application(work.db, found.id)
    is_decided = bool(store.application.decided_of(work.db, [found.id]))
    names = correction.ask(
        call, found, earlier, fields, open_until, work.today, is_decided=is_decided
    )
    new = Correction(
        id=new_id(),
        application_id=found.id,
        fields=names,
        words=cleaned(words)[:MOST_WORDS] or None,
        open_until=open_until,
        asked_at=work.now,
        asked_by=work.actor,
    )
    store.correction.add(work.db, new)
    _tell(work, found, call, new, 1)
    return new.id


def _tell(work: Work, found: Application, call: Call, asked: Correction, nth: int) -> None:
    told = correction.asked(asked, found, call, nth)
    if told is not None:
        work.tell(told, programme=call.programme)


def give_more_time(work: Work, application_id: UUID, correction_id: UUID, open_until: date) -> None:
    """A later last day for what was asked. She is told it.

    Raises:
        Refusal: it was sent or taken back; (422) the day has passed.
    """
    found = store.application.get(work.db, application_id, lock=True)
    asked = store.correction.get(work.db, found.id, correction_id)
    if not asked.waits:
        raise correction.correction_ended()
    if open_until < work.today:
        raise correction.correction_day_passed(open_until)
    if open_until == asked.open_until:
        return
    store.correction.change(work.db, asked.id, open_until=open_until, reminded_at=None)
    call = store.call.of_id(work.db, found.call_id)
    _tell(work, found, call, replace(asked, open_until=open_until), 1)


def take_back(work: Work, application_id: UUID, correction_id: UUID) -> None:
    """It is asked no more; what she wrote beside the application goes.

    Raises:
        Refusal: it was sent or taken back.
    """
    store.application.get(work.db, application_id, lock=True)
    asked = store.correction.get(work.db, application_id, correction_id)
    if not asked.waits:
        raise correction.correction_ended()
    store.correction.change(work.db, asked.id, taken_back_at=work.now, after={})
    store.correction.forget_added(work.db, asked.id)


def save(
    work: Work,
    application_id: UUID,
    correction_id: UUID,
    content: Content,
    version: int,
    added: Sequence[Document] = (),
) -> Correction:
    """Keep what she wrote so far, right or wrong, beside the application.

    Only the fields that were asked are kept. The files of `added` are on the disk already.

    Raises:
        SavedElsewhere: another page saved something else since `version`.
        Refusal: it was sent or taken back, or its last day has passed.
    """
    found = store.application.get(work.db, application_id, lock=True)
    asked = store.correction.get(work.db, application_id, correction_id)
    refuse_closed(asked, work.today)
    hers = {
        name: text.replace("\x00", "") for name, text in content.items() if name in asked.fields
    }
    refuse_too_long(hers)
    after = {**asked.after, **hers}
    for one in added:
        if document_field(one.code) in asked.fields:
            store.correction.save_document(work.db, asked.id, one, former=False)
    if after == _before(found, asked) | dict(asked.after):
        return asked
    if version != asked.version:
        raise SavedElsewhere(asked)
    store.correction.change(work.db, asked.id, after=after, version=asked.version + 1)
    return replace(asked, after=after, version=asked.version + 1)


def _before(found: Application, asked: Correction) -> dict[str, str]:
    return {name: found.content[name] for name in asked.fields if name in found.content}


def send(work: Work, application_id: UUID, correction_id: UUID) -> None:
    """What she wrote becomes the application; what stood there before is kept beside.

    Raises:
        Refusals: what is missing or wrong in what was asked.
        Refusal: it was sent or taken back, its last day has passed, or it is decided meanwhile.
    """
    found = store.application.get(work.db, application_id, lock=True)
    asked = store.correction.get(work.db, application_id, correction_id)
    refuse_closed(asked, work.today)
    call = store.call.of_id(work.db, found.call_id, lock=True)
    is_decided = bool(store.application.decided_of(work.db, [found.id]))
    if found.state != ApplicationState.RECEIVED or is_decided:
        raise not_correctable(found.number)
    if found.bearer_id is None:
        raise unknown_application()
    added = store.correction.documents_of(work.db, asked.id, former=False)
    documents = {**store.document.of_application(work.db, found.id), **added}
    content = sent_content(call, corrected_content(found.content, asked))
    refuse_incomplete(call, content, asked, documents, work.today)
    _keep_both(work, found, asked, content, added)
    checked, _ = read_leniently(call, content, set(documents), work.today)
    told = correction.corrected(call, found, checked, found.bearer_id, work.now)
    store.application.save_corrected(work.db, found, content, told, work.now)
    store.project.save_corrected(work.db, told)
    work.tell(told, programme=call.programme)


def _keep_both(
    work: Work,
    found: Application,
    asked: Correction,
    content: Content,
    added: Mapping[str, Document],
) -> None:
    """Note what stood in the fields that were asked and what stands there now, files too."""
    standing = store.document.of_application(work.db, found.id)
    before = _before(found, asked)
    after = {name: content[name] for name in asked.fields if name in content}
    for code, document in added.items():
        if code in standing:
            store.correction.save_document(work.db, asked.id, standing[code], former=True)
            before[document_field(code)] = standing[code].filename
        after[document_field(code)] = document.filename
        store.document.save(work.db, found.id, document, work.now)
    store.correction.forget_added(work.db, asked.id)
    store.correction.change(work.db, asked.id, done_at=work.now, before=before, after=after)


def remind_due(work: Work) -> bool:
    """Remind once of what is asked and ends soon. A timer."""
    for asked in store.correction.to_remind(work.db, work.today + REMINDED_BEFORE):
        store.correction.change(work.db, asked.id, reminded_at=work.now)
        # What was asked for tomorrow needs no second letter today; what is late, none either.
        is_new = asked.asked_at > work.now - REMINDED_BEFORE
        if is_new or asked.open_until < work.today:
            continue
        found = store.application.get(work.db, asked.application_id)
        _tell(work, found, store.call.of_id(work.db, found.call_id), asked, 2)
    return False

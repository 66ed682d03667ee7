"""What stands beside an application on its page: completions, messages, hand-overs."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from essaim.web import gettext_of, path_for, runtime_of, today_of
from essaim.web.site import language_of
from essaim_contracts.handover import HandoverParty
from fastapi import Request

from candidatures import store
from candidatures.access.correspondence import corresponds
from candidatures.anonymity import unnamed_content
from candidatures.answer import document_field
from candidatures.application import Application, ApplicationState
from candidatures.call import Call, CallState
from candidatures.commands.correction import USUAL_TIME
from candidatures.correction import Correction, correctable
from candidatures.handover import Handover, HandoverState
from candidatures.labels import HANDOVER_STATES
from candidatures.pages.visit import labels_of
from candidatures.pages.whereabouts import Step
from candidatures.sight import Reading

ANSWERED_IN = timedelta(days=21)
"""What a form proposes."""


@dataclass(frozen=True)
class Shown:
    """A hand-over on the page of the application; `to` is what the receiver is called."""

    handover: Handover
    to: str
    is_late: bool
    has_link: bool


def words_beside(
    request: Request,
    db: sa.Connection,
    found: Application,
    call: Call,
    reading: Reading,
    mine: bool,
) -> dict[str, Any]:
    """What its page shows beside the application: to its bearer, to who coordinates, to others."""
    writes = corresponds(request, call, reading)
    return {
        "corresponds": writes,
        "today": today_of(request),
        **_handover_words(request, db, found, call, gives=reading.sight.note, mine=mine),
        **_correction_words(request, db, found, call, reading, asks=writes),
        **_note_words(db, found, mine=mine, writes=writes),
    }


@dataclass(frozen=True)
class Line:
    """A field that was corrected; `former` is where the file that stood there is."""

    label: str
    before: str
    after: str
    former: str = ""


@dataclass(frozen=True)
class Change:
    """What a correction changed, as far as its reader reads it."""

    correction: Correction
    lines: list[Line]


def _correction_words(
    request: Request,
    db: sa.Connection,
    found: Application,
    call: Call,
    reading: Reading,
    *,
    asks: bool,
) -> dict[str, Any]:
    every = store.correction.of_application(db, found.id) if reading.file else []
    labels = labels_of(request, call)
    is_there = found.state == ApplicationState.RECEIVED
    is_decided = bool(store.application.decided_of(db, [found.id]))
    waits = any(one.waits for one in every)
    return {
        "corrections": every if is_there and not is_decided else [],
        "changes": [
            Change(one, _lines(request, call, one, reading, labels))
            for one in every
            if one.done_at is not None
        ],
        "may_ask": asks and is_there and not is_decided and not waits,
        "correctable": [(name, labels.get(name, name)) for name in correctable(call)],
        "until_default": today_of(request) + USUAL_TIME,
        "field_labels": labels,
    }


def _lines(
    request: Request, call: Call, one: Correction, reading: Reading, labels: dict[str, str]
) -> list[Line]:
    """In an anonymous round, without what says who applies, and without the names of files."""
    shown = set(one.changed)
    if not reading.names:
        files = {document_field(file.code) for file in call.files if not file.identifying}
        shown &= {*unnamed_content(call, dict.fromkeys(one.fields, "")), *files}
        shown -= {document_field(file.code) for file in call.files} - files
    return [
        _line(request, call, one, name, labels.get(name, name), named=reading.names)
        for name in one.fields
        if name in shown
    ]


def _line(
    request: Request, call: Call, one: Correction, name: str, label: str, *, named: bool
) -> Line:
    code, before, after = name.removeprefix("document-"), *_ends(one, name)
    if code == name:
        words = [_said(request, call, name, text) for text in (before, after)]
        return Line(label, words[0], words[1])
    former = path_for(
        request,
        "former-document",
        application_id=one.application_id,
        correction_id=one.id,
        code=code,
    )
    if not named:
        before, after = code if before else "", code
    return Line(label, before, after, former if before else "")


def _ends(one: Correction, name: str) -> tuple[str, str]:
    return one.before.get(name, ""), one.after.get(name, "")


def _said(request: Request, call: Call, name: str, text: str) -> str:
    """An answer in words, where its kind has others than what is kept."""
    question = call.question(name.removeprefix("answer-")) if name.startswith("answer-") else None
    return question.in_words(text, language_of(request)) if question and text else text


def _note_words(
    db: sa.Connection, found: Application, *, mine: bool, writes: bool
) -> dict[str, Any]:
    notes = store.note.of_application(db, found.id) if mine or writes else []
    return {
        "notes": notes,
        "unread_notes": any(one.read_at is None and one.by_bearer != mine for one in notes),
    }


def _handover_words(
    request: Request, db: sa.Connection, found: Application, call: Call, *, gives: bool, mine: bool
) -> dict[str, Any]:
    """What is said of hand-overs to its bearer (`mine`), and to who coordinates (`gives`)."""
    today = today_of(request)
    every = store.handover.of_application(db, found.id) if gives or mine else []
    is_reoriented = found.state == ApplicationState.RECEIVED and store.application.is_reoriented(
        db, found.id
    )
    may_propose = gives and is_reoriented and not any(one.is_live for one in every)
    return {
        "handovers": [
            Shown(
                one,
                receiver_name(db, one, language_of(request)),
                one.is_late(today),
                gives and store.handover.has_link(db, one.id),
            )
            for one in every
        ],
        "may_propose": may_propose,
        "receivers": _receivers(request, db, found, call) if may_propose else [],
        "handover_states": HANDOVER_STATES,
        "answer_by_default": today + ANSWERED_IN,
        "gives": gives,
        "came_from": _came_from(db, found),
        "steps_before": _steps_before(request, db, found) if mine else [],
        "steps_after": [_step_of(request, db, one) for one in every] if mine else [],
    }


@dataclass(frozen=True)
class CameFrom:
    """Who handed an application over, and the number it had there."""

    programme_name: str
    number: str


def _came_from(db: sa.Connection, found: Application) -> CameFrom | None:
    known = store.handover.that_made(db, found.id)
    if known is None:
        return None
    given = store.application.get(db, known.application_id)
    return CameFrom(store.call.of_id(db, given.call_id).programme_name, given.number or "–")


def _steps_before(request: Request, db: sa.Connection, found: Application) -> list[Step]:
    """What came before, for an application that was handed over: it is one thread to her."""
    _, known = gettext_of(request), store.handover.that_made(db, found.id)
    if known is None:
        return []
    given = store.application.get(db, known.application_id)
    call = store.call.of_id(db, given.call_id)
    sent = _(
        "Envoyée le {at} à « {call} » sous le numéro {number}.",
        at=given.received_at,
        call=call.title.say(_.language),
        number=given.number,
    )
    address = path_for(request, "application", application_id=given.id)
    handed = _("Transmise avec votre accord le {at}.", at=known.agreed_at)
    return [
        Step(sent, done=True, address=address, link=_("Voir ce dossier")),
        Step(handed, done=True),
    ]


def _step_of(request: Request, db: sa.Connection, known: Handover) -> Step:
    _ = gettext_of(request)
    to, day = receiver_name(db, known, _.language), known.answer_by
    if known.state == HandoverState.PROPOSED:
        asked = _("Votre accord est attendu pour la transmettre à « {to} ».", to=to)
        return Step(asked, now=True, address="#transmission", link=_("Répondre"))
    if known.state == HandoverState.OFFERED:
        return Step(
            _("« {to} » la lit, et répond avant la fin du {day}.", to=to, day=day), now=True
        )
    if known.state == HandoverState.ACCEPTED:
        taken = _("« {to} » l’a reprise le {at}.", to=to, at=known.ended_at)
        made = known.to_application_id
        address = path_for(request, "application", application_id=made) if made else ""
        return Step(taken, done=True, address=address, link=_("Suivre ma candidature"))
    if known.ended_by == HandoverParty.RECEIVER:
        return Step(_("« {to} » ne l’a pas reprise.", to=to), done=True)
    return Step(_("Elle n’a pas été transmise à « {to} ».", to=to), done=True)


def receiver_name(db: sa.Connection, known: Handover, language: str) -> str:
    if known.to_call_id is not None:
        return store.call.of_id(db, known.to_call_id).title.say(language)
    return known.outside.name if known.outside else ""


def _receivers(
    request: Request, db: sa.Connection, found: Application, call: Call
) -> list[tuple[str, str]]:
    """The calls that may take it over, those of the track it was re-oriented to first."""
    prepared = store.committee.prepared_for(db, found.id)
    track = prepared.applied.track_code if prepared and prepared.applied else None
    now, language = runtime_of(request).clock.now(), language_of(request)
    offered = [
        one
        for one in store.call.every(db)
        if one.id != call.id
        and one.state(now) != CallState.TO_COME
        and not store.application.has_decided(db, one.id)
    ]
    offered.sort(key=lambda one: one.track_code != track)
    return [(one.slug, f"{one.title.say(language)} – {one.programme_name}") for one in offered]

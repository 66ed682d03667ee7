"""The outbox: held letters by occasion, one to read and change, and what is done with many."""

from typing import Annotated
from uuid import UUID

from essaim import Person, Refusal, Work
from essaim.people.directory import find_person
from essaim.refusal import Refusals
from essaim.web import N_, export_csv, gettext_of, redirect, render, runtime_of, submitted
from essaim.web import act as act_once
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import FormData

from notifications import labels, store
from notifications.access import Coordinator, coordinated_message, programmes_of
from notifications.commands import outbox
from notifications.lists import held_listing
from notifications.message import MessageState
from notifications.outbox import fingerprint, nothing_held, outbox_changed, part, revision
from notifications.pages.outbox_words import BUTTONS, Act, consequences, done, question
from notifications.store.message import ShownMessage

router = APIRouter(include_in_schema=False)

Form = Annotated[FormData, Depends(submitted)]


@router.get("/outbox", name="outbox")
def home(request: Request, person: Coordinator) -> Response:
    """What is held, by occasion, and the list of all of it."""
    programmes = programmes_of(request, person)
    with runtime_of(request).read() as db:
        groups = store.held.groups(db, programmes)
        names = store.programme.all_names(db)
        subjects = store.held.subjects(db, [one.occasion for one in groups])
        listing = held_listing(groups, names, subjects)
        held = store.held.listed(programmes)
        if request.query_params.get("format") == "csv":
            return export_csv(request, listing, held, filename="messages.csv")
        page = listing.page(request, db, held)
        counts = store.message.counts_by_state(db)
    return render(
        request,
        "outbox.html",
        groups=groups,
        page=page,
        counts=counts,
        names=names,
        occasions={one.occasion: labels.occasion(one.occasion, subjects) for one in groups},
    )


@router.get("/outbox/read", name="read-held")
def read_first(request: Request, person: Coordinator) -> Response:
    """The first letter of what is chosen; the others follow from one to the next."""
    try:
        ids = _chosen(request, person)
    except Refusals:
        ids = []
    if not ids:
        return redirect(request, "outbox", flash=gettext_of(request).refusal(nothing_held()))
    return redirect(request, "message", message_id=min(ids))


# ---- many at a time: a question that says how many, then the act


@router.get("/outbox/{act}", name="outbox-act")
def ask(request: Request, person: Coordinator, act: Act) -> Response:
    return _asked(request, person, act)


@router.post("/outbox/{act}")
def do(request: Request, person: Coordinator, act: Act, form: Form) -> Response:
    """Only what the question showed is done: when it is no longer so, it is asked again."""
    shown = str(form.get("shown", ""))

    def doing(work: Work) -> int:
        ids = _chosen(request, person)
        if fingerprint(ids) != shown:
            raise outbox_changed()
        return _do(work, act, ids)

    try:
        number = act_once(request, form, doing)
    except Refusal as refusal:
        return _asked(request, person, act, refusal)
    return redirect(request, "outbox", flash=done(gettext_of(request), act, number))


def _do(work: Work, act: Act, ids: list[UUID]) -> int:
    if act == Act.SEND:
        return outbox.release(work, ids).leaving
    return outbox.discard(work, ids) if act == Act.DISCARD else outbox.rewrite(work, ids)


def _chosen(request: Request, person: Person) -> list[UUID]:
    """What the filters of the address choose, whatever page of the list it is.

    Raises:
        Refusals: (422) they choose by what is not held any more: that is not everything.
    """
    programmes = programmes_of(request, person)
    with runtime_of(request).read() as db:
        listing = held_listing(store.held.groups(db, programmes), {}, {})
        listing.check(request.query_params)
        rows = listing.rows(request, db, store.held.listed(programmes))
        return [row.id for row in rows]


def _asked(request: Request, person: Person, act: Act, refusal: Refusal | None = None) -> Response:
    _ = gettext_of(request)
    try:
        ids = _chosen(request, person)
    except Refusals:
        ids = []
    if not ids:
        return redirect(request, "outbox", flash=_.refusal(refusal or nothing_held()))
    with runtime_of(request).read() as db:
        letters = store.held.find(db, ids)
        told = store.said.count_told_before(db, ids)
        subjects = store.held.subjects(db, {one.occasion or "" for one in letters})
    parted = part(letters)
    number = len(parted.leaving) if act == Act.SEND else len(letters)
    return render(
        request,
        "outbox_act.html",
        refusal=refusal,
        question=question(_, act, number),
        consequences=consequences(_, act, letters, subjects, len(parted.identical), told),
        button=_(BUTTONS[act]),
        shown=fingerprint(ids),
        act=act,
    )


# ---- one letter


@router.post("/messages/{message_id}/text", name="edit-message")
def edit(request: Request, message_id: UUID, _: Coordinator, form: Form) -> Response:
    """Keep a changed text; what was typed comes back with the reason where it cannot be."""
    shown = coordinated_message(request, message_id)
    subject, body = str(form.get("subject", "")), str(form.get("body", ""))
    was = str(form.get("was", ""))
    try:
        act_once(
            request,
            form,
            lambda work: outbox.edit(work, message_id, subject, body, was=was),
        )
    except Refusal as refusal:
        shown = coordinated_message(request, message_id)
        return show(request, shown, refusal, typed={"subject": subject, "body": body})
    saved = gettext_of(request)(N_("Le texte est enregistré. Le message reste retenu."))
    return redirect(request, "message", message_id=message_id, flash=saved)


@router.post("/messages/{message_id}/send", name="send-message")
def send(request: Request, message_id: UUID, _: Coordinator, form: Form) -> Response:
    return _on(request, message_id, form, Act.SEND)


@router.post("/messages/{message_id}/discard", name="discard-message")
def discard(request: Request, message_id: UUID, _: Coordinator, form: Form) -> Response:
    return _on(request, message_id, form, Act.DISCARD)


@router.post("/messages/{message_id}/rewrite", name="rewrite-message")
def rewrite(request: Request, message_id: UUID, _: Coordinator, form: Form) -> Response:
    return _on(request, message_id, form, Act.REWRITE)


def _on(request: Request, message_id: UUID, form: FormData, act: Act) -> Response:
    """Do it with one letter, then show the next of its occasion."""
    shown = coordinated_message(request, message_id)
    was = str(form.get("was", ""))
    with runtime_of(request).read() as db:
        following = store.held.after(db, shown.message)

    def doing(work: Work) -> int:
        if act == Act.SEND:
            outbox.check_unchanged(work, message_id, was)
        return _do(work, act, [message_id])

    try:
        act_once(request, form, doing)
    except Refusal as refusal:
        return show(request, coordinated_message(request, message_id), refusal)
    flash = done(gettext_of(request), act, 1)
    if act == Act.REWRITE:
        return redirect(request, "message", message_id=message_id, flash=flash)
    if following is None:
        return redirect(request, "outbox", flash=flash)
    return redirect(request, "message", message_id=following, flash=flash)


def show(
    request: Request,
    shown: ShownMessage,
    refusal: Refusal | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    """One message: as it was sent or, while it is held, to be read, changed and sent."""
    held = shown.message
    if held.state != MessageState.HELD:
        return render(
            request,
            "message.html",
            refusal=refusal,
            message=held,
            recipient=shown.recipient,
            labels=labels,
        )
    with runtime_of(request).read() as db:
        texts = outbox.both_languages(db, held)
        reader = find_person(db, held.recipient_id) if held.recipient_id else None
        told, following = store.said.told_before(db, held), store.held.after(db, held)
        name = store.programme.name_of(db, held.programme or "")
        subjects = store.held.subjects(db, [held.occasion or ""])
    return render(
        request,
        "held.html",
        refusal=refusal,
        message=held,
        recipient=shown.recipient,
        address=reader.email if reader else None,
        may_be_edited=reader is not None and reader.email_proved and held.text is not None,
        texts=texts,
        typed=typed or {"subject": held.subject, "body": held.body},
        revision=revision(held.text),
        told=told,
        following=following,
        programme_name=name or held.programme,
        occasion=labels.occasion(held.occasion or held.template.value, subjects),
        labels=labels,
    )

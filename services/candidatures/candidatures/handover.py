"""A hand-over: a re-oriented application goes to another call, or to somebody outside of Essaim.

Its bearer agrees first; then the receiver sees it, and accepts or declines before a date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from essaim import Refusal
from essaim_contracts.candidatures import Decision
from essaim_contracts.handover import (
    HandoverAccepted,
    HandoverDeclined,
    HandoverOffered,
    HandoverParty,
    HandoverProposed,
)

from candidatures.application import Application, ApplicationState
from candidatures.application_form import fields_of, files_asked, refusals_of, sent_content
from candidatures.call import Call, CallState
from candidatures.document import Document
from candidatures.field_reader import Content
from candidatures.form import MEDIA_TYPES

LINK_READS_FOR = timedelta(days=30)
"""How long a receiver outside still reads what she accepted."""

TO_COMPLETE = timedelta(days=14)
"""How long the bearer has to add what another call asks, where the receiver does not say."""


class HandoverState(StrEnum):
    PROPOSED = "proposed"
    """Its bearer has not answered: nobody else knows of it."""
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True)
class Outside:
    """A receiver outside of the consortium."""

    name: str
    email: str
    language: str


@dataclass(frozen=True)
class Handover:
    """One application, one receiver: a call (`to_call_id`), or somebody `outside`.

    `ended_by` and `reason` are of one that was declined; `to_application_id` is what one that was
    accepted became in the receiving call.
    """

    id: UUID
    application_id: UUID
    to_call_id: UUID | None
    outside: Outside | None
    state: HandoverState
    answer_by: date
    proposed_at: datetime
    proposed_by: UUID | None = None
    agreed_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: HandoverParty | None = None
    reason: str | None = None
    to_application_id: UUID | None = None

    @property
    def is_live(self) -> bool:
        """Whether another one of the same application must wait for its end."""
        return self.state != HandoverState.DECLINED

    @property
    def shows_file(self) -> bool:
        """Whether the receiver reads the application: from the agreement on, unless it ended."""
        return self.state in (HandoverState.OFFERED, HandoverState.ACCEPTED)

    def is_late(self, today: date) -> bool:
        return self.state == HandoverState.OFFERED and today > self.answer_by

    def link_opens(self, now: datetime, today: date) -> bool:
        """Whether the link of a receiver outside opens anything at this instant."""
        if self.state == HandoverState.OFFERED:
            return today <= self.answer_by
        is_accepted = self.state == HandoverState.ACCEPTED and self.ended_at is not None
        return is_accepted and now < (self.ended_at or now) + LINK_READS_FOR


@dataclass(frozen=True)
class HandoverDue:
    """A hand-over with what a list says of it. `to` is the receiving call's title, or a name."""

    handover: Handover
    project: str
    number: str
    from_programme: str
    from_call: str
    to_programme: str | None
    to: str


def refuse_unless_reoriented(
    application: Application, applied: Decision | None, others: list[Handover]
) -> None:
    """
    Raises:
        Refusal: it was withdrawn or is not re-oriented, or a hand-over of it is under way or done.
    """
    is_there = application.state == ApplicationState.RECEIVED
    if not is_there or applied != Decision.REORIENTED:
        raise not_reoriented(application.number)
    if any(one.is_live for one in others):
        raise handover_under_way(application.number)


def refuse_receiving(given: Application, to: Call, now: datetime, *, has_decided: bool) -> None:
    """Whether a call may take an application over: once it opened, until its committee decided.

    Raises:
        Refusal: (422) it is the call of this application, opens later, or has decided.
    """
    if to.id == given.call_id:
        raise same_call(to)
    if to.state(now) == CallState.TO_COME:
        raise receives_later(to)
    if has_decided:
        raise receives_no_more(to)


def refuse_past(answer_by: date, today: date) -> None:
    if answer_by < today:
        raise day_passed(answer_by)


def refuse_state(handover: Handover, wanted: HandoverState) -> None:
    """
    Raises:
        Refusal: somebody answered already, or took it back.
    """
    if handover.state != wanted:
        raise handover_moved_on()


# --- what is carried over


def carried_content(to: Call, content: Content, today: date) -> Content:
    """The answers that the receiving call asks too, by code; without what it does not offer."""
    asked = set(fields_of(to))
    kept = {name: text for name, text in content.items() if name in asked}
    refused = {
        one.field for one in refusals_of(to, kept, set(), today) if one.code == "not_offered"
    }
    return sent_content(to, {name: text for name, text in kept.items() if name not in refused})


def carried_documents(
    to: Call, content: Content, documents: Mapping[str, Document]
) -> list[Document]:
    """The documents that the receiving call asks too, by code, of a kind and size it takes."""
    asked = {one.code: one for one in files_asked(to, content)}
    return [
        one
        for code, one in documents.items()
        if code in asked
        and one.media_type in {MEDIA_TYPES[kind] for kind in asked[code].allowed}
        and one.size <= asked[code].max_bytes
    ]


# --- facts


def proposed(
    handover: Handover, of: Application, bearer_id: UUID, giver: Call, to: Call | None
) -> HandoverProposed:
    return HandoverProposed(
        handover_id=handover.id,
        application_id=of.id,
        call_id=giver.id,
        edition_id=giver.edition_id,
        project_id=of.project_id,
        bearer_id=bearer_id,
        to_call_id=handover.to_call_id,
        to_title=to.title.fr if to else None,
        open_until=handover.answer_by,
    )


def offered(handover: Handover, of: Application, giver: Call, to: Call | None) -> HandoverOffered:
    return HandoverOffered(
        handover_id=handover.id,
        application_id=of.id,
        call_id=giver.id,
        edition_id=giver.edition_id,
        project_id=of.project_id,
        to_call_id=handover.to_call_id,
        to_title=to.title.fr if to else None,
        to_programme=to.programme if to else None,
        open_until=handover.answer_by,
    )


def accepted(
    handover: Handover, of: Application, bearer_id: UUID, giver: Call, to: Call | None, at: datetime
) -> HandoverAccepted:
    return HandoverAccepted(
        handover_id=handover.id,
        application_id=of.id,
        call_id=giver.id,
        edition_id=giver.edition_id,
        project_id=of.project_id,
        bearer_id=bearer_id,
        to_call_id=handover.to_call_id,
        to_application_id=handover.to_application_id,
        to_title=to.title.fr if to else None,
        accepted_at=at,
    )


def declined(
    handover: Handover,
    of: Application,
    bearer_id: UUID,
    giver: Call,
    to: Call | None,
    by: HandoverParty,
    at: datetime,
) -> HandoverDeclined:
    """`handover` as it was: a programme that was not asked yet hears nothing of it."""
    was_asked = to is not None and handover.state == HandoverState.OFFERED
    return HandoverDeclined(
        handover_id=handover.id,
        application_id=of.id,
        call_id=giver.id,
        edition_id=giver.edition_id,
        project_id=of.project_id,
        bearer_id=bearer_id,
        to_programme=to.programme if to and was_asked else None,
        to_title=to.title.fr if to else None,
        by=by,
        declined_at=at,
    )


# --- refusals


def unknown_handover() -> Refusal:
    return Refusal(
        "unknown_handover",
        "Cette transmission n’existe pas, ou n’est pas ouverte pour vous.",
        status=404,
    )


def handover_link_ended() -> Refusal:
    return Refusal(
        "handover_link_ended",
        "Ce lien n’ouvre plus rien : le délai est passé, la réponse est donnée, ou le dossier a "
        "été repris. Demandez un nouveau lien au programme qui vous l’a envoyé.",
        status=410,
    )


def not_reoriented(number: str | None) -> Refusal:
    return Refusal(
        "not_reoriented",
        "La candidature {number} n’est pas réorientée : appliquez d’abord cette décision, puis "
        "transmettez le dossier.",
        number=number or "–",
    )


def handover_under_way(number: str | None) -> Refusal:
    return Refusal(
        "handover_under_way",
        "La candidature {number} est déjà transmise, ou en train de l’être. Reprenez d’abord cette "
        "transmission.",
        number=number or "–",
    )


def handover_moved_on() -> Refusal:
    return Refusal(
        "handover_moved_on",
        "Une réponse a déjà été donnée, ou la transmission a été reprise entre-temps : rien n’a "
        "changé. Relisez la page.",
    )


def receiver_missing() -> Refusal:
    return Refusal(
        "receiver_missing",
        "Choisissez l’appel qui reprendrait le dossier, ou donnez le nom et l’adresse de qui le "
        "recevrait hors du réseau : l’un des deux.",
        field="to_call",
        status=422,
    )


def unknown_receiver(slug: str) -> Refusal:
    return Refusal(
        "unknown_receiver",
        "Aucun appel ne s’appelle « {slug} » : le dossier n’irait nulle part. Choisissez dans la "
        "liste.",
        field="to_call",
        status=422,
        slug=slug,
    )


def same_call(to: Call) -> Refusal:
    return Refusal(
        "same_call",
        "« {title} » est l’appel auquel ce dossier répond déjà. Choisissez-en un autre.",
        field="to_call",
        status=422,
        title=to.title.fr,
    )


def receives_later(to: Call) -> Refusal:
    return Refusal(
        "receives_later",
        "« {title} » n’ouvre que le {at} : il ne reçoit aucun dossier avant.",
        field="to_call",
        status=422,
        title=to.title.fr,
        at=to.opens_at,
    )


def receives_no_more(to: Call) -> Refusal:
    return Refusal(
        "receives_no_more",
        "Le comité de « {title} » a déjà rendu ses décisions : un dossier n’y serait plus lu.",
        field="to_call",
        status=422,
        title=to.title.fr,
    )


def day_passed(day: date) -> Refusal:
    return Refusal(
        "answer_day_passed",
        "Le {day} est passé : personne ne pourrait répondre. Choisissez un jour à venir.",
        field="answer_by",
        status=422,
        day=day,
    )


def reason_missing() -> Refusal:
    return Refusal(
        "reason_missing",
        "Dites en une phrase pourquoi : qui vous a transmis ce dossier doit pouvoir l’orienter "
        "autrement.",
        field="reason",
        status=422,
    )


def nobody_to_hand_over(number: str | None) -> Refusal:
    return Refusal(
        "nobody_to_hand_over",
        "Qui a envoyé la candidature {number} n’est plus dans l’annuaire : rien ne peut être "
        "transmis en son nom.",
        number=number or "–",
    )

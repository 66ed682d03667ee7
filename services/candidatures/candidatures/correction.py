"""What a coordination asks to be corrected or completed in an application that was sent.

What she writes stays beside the application until she sends it: nobody reads half of it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from essaim.refusal import Refusal, Refusals
from essaim.text.languages import N_
from essaim_contracts.correspondence import ApplicationCorrected, CorrectionAsked

from candidatures.answer import dated_field, document_field
from candidatures.application import Application, ApplicationState
from candidatures.application_form import Checked, fields_of, refusals_of
from candidatures.call import Call
from candidatures.document import Document
from candidatures.eligibility import eligibility_field
from candidatures.field_reader import Content

NEVER_ASKED = frozenset({"bearer_email"})
"""Her address opens her pages: she changes it herself, with a proof. Nor is it asked again whether
she may apply: that was before."""

MOST_WORDS = 2000


class CorrectionState(StrEnum):
    OPEN = "open"
    """She holds the pen."""
    LATE = "late"
    """The last day has passed: nothing was sent."""
    DONE = "done"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True)
class Correction:
    """Some fields of an application (`answer-…`, `document-…`) that its bearer may change.

    `words` are the coordination's. `version` counts what she saved; `after` is what she wrote so
    far in those fields, `before` what stood there when she sent it.
    """

    id: UUID
    application_id: UUID
    fields: tuple[str, ...]
    words: str | None
    open_until: date
    asked_at: datetime
    asked_by: UUID | None = None
    reminded_at: datetime | None = None
    done_at: datetime | None = None
    taken_back_at: datetime | None = None
    version: int = 0
    before: Content = field(default_factory=dict)
    after: Content = field(default_factory=dict)

    def state(self, today: date) -> CorrectionState:
        if self.taken_back_at is not None:
            return CorrectionState.TAKEN_BACK
        if self.done_at is not None:
            return CorrectionState.DONE
        return CorrectionState.LATE if today > self.open_until else CorrectionState.OPEN

    @property
    def waits(self) -> bool:
        """Whether it is neither sent nor taken back, be it late."""
        return self.done_at is None and self.taken_back_at is None

    @property
    def changed(self) -> list[str]:
        """The fields that say something else since it was sent."""
        return [one for one in self.fields if self.before.get(one, "") != self.after.get(one, "")]


def open_one(asked: Sequence[Correction], today: date) -> Correction | None:
    """The one in which its bearer holds the pen now."""
    return next((one for one in asked if one.state(today) == CorrectionState.OPEN), None)


def ask(
    call: Call,
    application: Application,
    earlier: Sequence[Correction],
    fields: Collection[str],
    open_until: date,
    today: date,
    *,
    is_decided: bool,
) -> tuple[str, ...]:
    """The fields that are asked, in the order of the form.

    Raises:
        Refusal: it is decided or was withdrawn, something is asked already; (422) nothing is
            chosen, the form has no such field, or the day has passed.
    """
    if application.state != ApplicationState.RECEIVED or is_decided:
        raise not_correctable(application.number)
    if any(one.waits for one in earlier):
        raise already_asked(application.number)
    known = correctable(call)
    for name in fields:
        if name not in known:
            raise not_asked_by_form(name)
    if not fields:
        raise nothing_chosen()
    if open_until < today:
        raise correction_day_passed(open_until)
    # With a document goes the day that it bears, or until which it holds.
    files = {name.removeprefix("document-") for name in fields if name.startswith("document-")}
    wanted = {*fields, *map(dated_field, files)}
    return tuple(name for name in known if name in wanted)


def correctable(call: Call) -> tuple[str, ...]:
    """Every field of which a correction may be asked, in the order of the form."""
    passed = {eligibility_field(one.code) for one in call.eligibility}
    texts = [name for name in fields_of(call) if name not in NEVER_ASKED | passed]
    return (*texts, *(document_field(one.code) for one in call.files))


def refuse_closed(correction: Correction, today: date) -> None:
    """
    Raises:
        Refusal: it was sent or taken back, or its last day has passed.
    """
    if correction.state(today) == CorrectionState.LATE:
        raise correction_late(correction.open_until)
    if not correction.waits:
        raise correction_ended()


def corrected_content(content: Content, correction: Correction) -> Content:
    """The application's answers with hers, in the fields that were asked and no others."""
    hers = {name: text for name, text in correction.after.items() if name in correction.fields}
    return {**content, **hers}


def refuse_incomplete(
    call: Call,
    content: Content,
    correction: Correction,
    documents: Mapping[str, Document],
    today: date,
) -> None:
    """
    Raises:
        Refusals: what is missing or wrong in the fields that were asked.
    """
    found = refusals_of(call, content, set(documents), today)
    mine = [one for one in found if one.field in correction.fields]
    if mine:
        raise Refusals(mine)


def asked(correction: Correction, of: Application, call: Call, nth: int) -> CorrectionAsked | None:
    """None for an application that nobody can be asked about."""
    if of.bearer_id is None:
        return None
    return CorrectionAsked(
        correction_id=correction.id,
        application_id=of.id,
        call_id=call.id,
        edition_id=call.edition_id,
        project_id=of.project_id,
        bearer_id=of.bearer_id,
        points=len(correction.fields),
        nth=nth,
        open_until=correction.open_until,
    )


def corrected(
    call: Call, of: Application, checked: Checked, bearer_id: UUID, at: datetime
) -> ApplicationCorrected:
    return ApplicationCorrected(
        application_id=of.id,
        call_id=call.id,
        edition_id=call.edition_id,
        project_id=of.project_id,
        bearer_id=bearer_id,
        number=of.number or "",
        project_title=checked.project_title,
        applicant_kind=checked.applicant_kind,
        sector=checked.sector,
        department=checked.department,
        heard_from=checked.heard_from,
        jobs_min=checked.jobs_min,
        jobs_max=checked.jobs_max,
        received_at=of.received_at or at,
        corrected_at=at,
    )


# --- refusals


_SAVED_ELSEWHERE = N_(
    "Ces compléments ont été enregistrés ailleurs entre-temps. Votre texte est resté sur cette "
    "page : relisez, puis enregistrez à nouveau pour garder ce qui s’y trouve."
)


class SavedElsewhere(Refusal):
    """Another page saved something else meanwhile: `saved` is what stands."""

    def __init__(self, saved: Correction) -> None:
        super().__init__("correction_saved_elsewhere", _SAVED_ELSEWHERE)
        self.saved = saved


def unknown_correction() -> Refusal:
    return Refusal("unknown_correction", "Rien n’est demandé sur cette candidature.", status=404)


def not_correctable(number: str | None) -> Refusal:
    return Refusal(
        "not_correctable",
        "La candidature {number} ne se complète plus : elle a été retirée, ou la décision est "
        "appliquée.",
        number=number or "–",
    )


def already_asked(number: str | None) -> Refusal:
    return Refusal(
        "correction_already_asked",
        "Un complément est déjà demandé pour la candidature {number}. Attendez sa réponse, ou "
        "reprenez cette demande.",
        number=number or "–",
    )


def not_asked_by_form(name: str) -> Refusal:
    return Refusal(
        "not_asked_by_form",
        "« {asked} » n’est pas demandé par cet appel, ou ne se corrige pas ainsi.",
        field="fields",
        status=422,
        asked=name[:80],
    )


def nothing_chosen() -> Refusal:
    return Refusal(
        "nothing_chosen",
        "Choisissez au moins une réponse ou un document à corriger.",
        field="fields",
        status=422,
    )


def correction_day_passed(day: date) -> Refusal:
    return Refusal(
        "correction_day_passed",
        "Le {day} est passé : rien ne pourrait être complété. Choisissez un jour à venir.",
        field="open_until",
        status=422,
        day=day,
    )


def correction_late(day: date) -> Refusal:
    return Refusal(
        "correction_late",
        "Le délai pour compléter est passé depuis le {day}. Écrivez à la coordination : elle peut "
        "vous en donner un autre.",
        day=day,
    )


def correction_ended() -> Refusal:
    return Refusal(
        "correction_ended",
        "Ce complément est déjà envoyé, ou n’est plus demandé : rien n’a changé.",
    )

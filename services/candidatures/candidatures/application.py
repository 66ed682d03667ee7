"""An application: a draft somebody writes, saves and sends before the call closes."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from essaim.refusal import Refusal, Refusals
from essaim.text.languages import N_
from essaim.text.mail_address import canonical_address, comparable_address
from essaim_contracts.candidatures import (
    ApplicationReceived,
    ApplicationWithdrawn,
    WithdrawalReason,
)

from candidatures.application_form import MAX_FIELD, Checked
from candidatures.call import Call, CallState
from candidatures.field_reader import Content, too_long


class ApplicationState(StrEnum):
    DRAFT = "draft"
    RECEIVED = "received"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Application:
    """A draft (`version` counts its saves) and what it became.

    `saved_by_form` names the open page that saved last. `bearer_id`, `number` and `received_at`
    are None for a draft. `link_sent_to` is the last address its link went to, `proved_email` the
    last one whose link was opened.
    """

    id: UUID
    call_id: UUID
    project_id: UUID
    state: ApplicationState
    language: str
    content: Content
    version: int
    saved_by_form: str | None = None
    bearer_id: UUID | None = None
    number: str | None = None
    received_at: datetime | None = None
    withdrawn_at: datetime | None = None
    link_sent_to: str | None = None
    proved_email: str | None = None
    started_at: datetime | None = None

    @property
    def address(self) -> str | None:
        """Where its bearer can be written to; None while what she gave is no address."""
        try:
            return canonical_address(self.content.get("bearer_email", ""))
        except ValueError:
            return None

    @property
    def address_is_proved(self) -> bool:
        """Whether somebody opened the link that went to the address it gives now."""
        return self.proved_email is not None and same_address(self.proved_email, self.address)


@dataclass(frozen=True)
class OwnApplication:
    """An application as its bearer finds it again in the list of hers."""

    id: UUID
    number: str
    state: str
    received_at: datetime
    project: str
    slug: str
    bearer_id: UUID
    decision: str | None = None
    """The one that was applied."""


_SAVED_ELSEWHERE = N_(
    "Ce brouillon a été enregistré ailleurs entre-temps (version {version}). "
    "Rien n’est perdu : votre texte est resté sur cette page, l’autre version est à côté. "
    "Gardez ce qui convient puis enregistrez."
)


class StaleForm(Refusal):
    """A page opened on an older version tried to save over `saved`, a newer one."""

    def __init__(self, saved: Application) -> None:
        super().__init__(
            "stale_form",
            _SAVED_ELSEWHERE,
            version=saved.version,
        )
        self.saved = saved


def save_content(
    application: Application, content: Content, version: int, form_id: str | None = None
) -> Application:
    """The application with this content, one version later; itself when nothing changed.

    A page that saved last may save again whatever version it shows: its own autosave may still
    have been on the way.

    Raises:
        StaleForm: somebody else saved since `version`, and something else.
    """
    refuse_unless_draft(application)
    refuse_too_long(content)
    # PostgreSQL keeps no NUL character, and nobody types one.
    content = {name: text.replace("\x00", "") for name, text in content.items()}
    if content == dict(application.content):
        return application
    own = form_id is not None and form_id == application.saved_by_form
    if version != application.version and not own:
        raise StaleForm(application)
    return replace(
        application, content=content, version=application.version + 1, saved_by_form=form_id
    )


def link_due(draft: Application) -> str | None:
    """The address to which the link of a draft has not gone yet; None when there is none."""
    return None if same_address(draft.link_sent_to, draft.address) else draft.address


def same_address(one: str | None, other: str | None) -> bool:
    return comparable_address(one or "") == comparable_address(other or "")


def refuse_dead_link(call: Call, draft: Application, email: str | None, now: datetime) -> None:
    """The link of a draft opens it until the call closes, and while it gives the same address.

    Raises:
        Refusal: (410) it does not any more.
    """
    if call.state(now) == CallState.CLOSED or not same_address(email, draft.address):
        raise link_ended()


def refuse_unless_draft(application: Application) -> None:
    if application.state == ApplicationState.RECEIVED:
        raise already_received(application)
    if application.state == ApplicationState.WITHDRAWN:
        raise already_withdrawn(application)


def refuse_too_long(content: Content) -> None:
    long = {name: text for name, text in content.items() if len(text) > MAX_FIELD}
    if long:
        raise Refusals([too_long(name, text, MAX_FIELD) for name, text in long.items()])


def refuse_outside_window(call: Call, arrived_at: datetime) -> None:
    """A call accepts from its opening, included, to its closing, excluded.

    Raises:
        Refusal: it is too early or too late, with the date people should know.
    """
    state = call.state(arrived_at)
    if state == CallState.CLOSED:
        raise call_closed(call)
    if state == CallState.TO_COME:
        raise call_not_open(call)


def receive(
    call: Call,
    application: Application,
    checked: Checked,
    *,
    bearer_id: UUID,
    number: str,
    arrived_at: datetime,
    handed_over_from: UUID | None = None,
) -> ApplicationReceived:
    """The fact of a submission in time, or of another one that this call took over.

    `number` was taken in the same transaction.
    """
    return ApplicationReceived(
        application_id=application.id,
        call_id=call.id,
        edition_id=call.edition_id,
        project_id=application.project_id,
        bearer_id=bearer_id,
        number=number,
        project_title=checked.project_title,
        applicant_kind=checked.applicant_kind,
        sector=checked.sector,
        department=checked.department,
        heard_from=checked.heard_from,
        jobs_min=checked.jobs_min,
        jobs_max=checked.jobs_max,
        received_at=arrived_at,
        handed_over_from=handed_over_from,
    )


def withdraw(
    call: Call,
    application: Application,
    reason: WithdrawalReason,
    now: datetime,
    *,
    cohort: str | None,
) -> ApplicationWithdrawn:
    """Take a received application back. `cohort` is the label of the cohort its project is in.

    Raises:
        Refusal: it is a draft, was withdrawn before, or its project already entered a cohort.
    """
    if application.state == ApplicationState.WITHDRAWN:
        raise already_withdrawn(application)
    if application.state == ApplicationState.DRAFT or application.bearer_id is None:
        raise not_received()
    if cohort is not None:
        raise in_a_cohort(cohort)
    return ApplicationWithdrawn(
        application_id=application.id,
        call_id=call.id,
        edition_id=call.edition_id,
        project_id=application.project_id,
        bearer_id=application.bearer_id,
        reason=reason,
        withdrawn_at=now,
    )


# --- refusals


def unknown_application() -> Refusal:
    return Refusal(
        "unknown_application",
        "Cette candidature n’existe pas, ou ce lien n’y donne pas accès. "
        "Ouvrez le lien reçu par courriel.",
        status=404,
    )


def link_ended() -> Refusal:
    return Refusal(
        "link_ended",
        "Ce lien n’ouvre plus rien : l’appel est fermé, ou le brouillon donne maintenant une autre "
        "adresse. Ouvrez le dernier lien reçu ; pour une candidature déjà envoyée, connectez-vous "
        "avec votre adresse.",
        status=410,
    )


def draft_opened_elsewhere() -> Refusal:
    return Refusal(
        "draft_opened_elsewhere",
        "Ce brouillon a été ouvert par le lien envoyé à l’adresse qu’il donne : cette page ne "
        "l’ouvre plus. Votre texte est resté ici. Ouvrez ce lien dans ce navigateur pour continuer "
        "le même brouillon, ou enregistrez pour en commencer un autre.",
    )


def secret_of_another_draft() -> Refusal:
    return Refusal(
        "secret_of_another_draft",
        "Ce secret est celui d’un autre brouillon. Donnez-en un nouveau, tiré au hasard.",
    )


def call_closed(call: Call) -> Refusal:
    return Refusal(
        "call_closed",
        "« {title} » est fermé depuis le {closes_at} : cette candidature est arrivée "
        "trop tard et n’a pas été reçue. Votre brouillon est gardé et reste lisible.",
        title=call.title.fr,
        closes_at=call.closes_at,
    )


def call_not_open(call: Call) -> Refusal:
    return Refusal(
        "call_not_open",
        "« {title} » ouvrira le {opens_at}. Revenez à partir de cette date.",
        title=call.title.fr,
        opens_at=call.opens_at,
    )


def already_received(application: Application) -> Refusal:
    return Refusal(
        "already_received",
        "Cette candidature est déjà envoyée sous le numéro {number} : elle ne change plus. "
        "Pour la corriger, écrivez à la coordination du programme.",
        number=application.number,
    )


def already_withdrawn(application: Application) -> Refusal:
    return Refusal(
        "already_withdrawn",
        "Cette candidature a été retirée le {at} : elle ne change plus.",
        at=application.withdrawn_at,
    )


def claimed_too_late() -> Refusal:
    return Refusal(
        "claimed_too_late",
        "Ce projet est déjà dans une promotion. Demandez à la coordination du programme de l’en "
        "faire sortir ; dites ensuite que la candidature est la vôtre, et il y rentrera.",
    )


def not_received() -> Refusal:
    return Refusal(
        "not_received",
        "Ce brouillon n’a jamais été envoyé : il n’y a rien à retirer. Laissez-le simplement.",
    )


def in_a_cohort(cohort: str) -> Refusal:
    return Refusal(
        "in_a_cohort",
        "Ce projet fait partie de « {cohort} » : sa candidature ne se retire plus. "
        "Demandez à la coordination de faire sortir le projet de la promotion.",
        cohort=cohort,
    )

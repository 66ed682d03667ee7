"""What happened, in one sentence of the reader's language for each kind of fact."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from essaim.text import formats
from essaim.text.languages import Tongue
from essaim_contracts.candidatures import (
    ApplicationDecided,
    ApplicationReceived,
    ApplicationWithdrawn,
    CallClosed,
    CallOpened,
    Coded,
    CohortChange,
    CohortChanged,
    CohortFormed,
    DeliverableHandedIn,
    PartnerJoined,
    PersonErased,
    TrophyAwarded,
)
from essaim_contracts.fact import Fact, fact_type
from essaim_contracts.notifications import (
    MessageFailed,
    MessageSent,
    PersonForgottenByNotifications,
)
from essaim_contracts.reporting import PersonForgottenByReporting
from essaim_contracts.scheduling import (
    HoursGranted,
    HoursUsed,
    PairingEnded,
    PairingMade,
    PersonForgottenByScheduling,
    ProjectProgressed,
    SessionCancelled,
    SessionHeld,
    SessionMoved,
    SessionPlanned,
)

from reporting import words


@dataclass(frozen=True)
class Names:
    """Public names of what facts call by an id or a code; a person who acts alone has none."""

    organisations: Mapping[UUID, str | None] = field(default_factory=dict)
    sessions: Mapping[UUID, str] = field(default_factory=dict)
    sectors: Mapping[str, Coded] = field(default_factory=dict)
    sources: Mapping[str, Coded] = field(default_factory=dict)


def sentence(type: str, body: str, _: Tongue, names: Names) -> str:
    """The sentence of a fact, from its type and its JSON payload."""
    known = fact_type(type)
    if known is None or known not in _SENTENCES:
        return _(words.FACT_TYPES.get(type, type))
    return _SENTENCES[known](known.read(body), _, names)


def organisation(id: UUID | None, _: Tongue, names: Names) -> str:
    """The public name of an organisation, or words for one that has none."""
    if id is None:
        return _("partenaire non précisé")
    if id not in names.organisations:
        return _("organisation inconnue")
    return names.organisations[id] or _("expert indépendant")


def _session(id: UUID, _: Tongue, names: Names) -> str:
    return names.sessions.get(id) or _("séance")


def _partner_joined(fact: PartnerJoined, _: Tongue, names: Names) -> str:
    held = ", ".join(_(words.COMMITMENTS[one]).lower() for one in fact.commitments)
    name = fact.name or _("expert indépendant")
    if not held:
        return _("{name} ne tient plus d'engagement.", name=name)
    return _("{name} s'engage : {commitments}.", name=name, commitments=held)


def _call_opened(fact: CallOpened, _: Tongue, names: Names) -> str:
    return _(
        "Appel « {title} » ouvert jusqu'au {closes_at}.",
        title=fact.title,
        closes_at=fact.closes_at,
    )


def _call_closed(fact: CallClosed, _: Tongue, names: Names) -> str:
    return _(
        "Appel clos ; candidatures reçues : {count}.",
        count=formats.number(fact.applications_received, _.language),
    )


def _application_received(fact: ApplicationReceived, _: Tongue, names: Names) -> str:
    return _(
        "Candidature {number} reçue pour « {title} ».",
        number=fact.number,
        title=fact.project_title,
    )


def _application_withdrawn(fact: ApplicationWithdrawn, _: Tongue, names: Names) -> str:
    return _("Candidature retirée : {reason}.", reason=_(words.WITHDRAWAL_REASONS[fact.reason]))


def _application_decided(fact: ApplicationDecided, _: Tongue, names: Names) -> str:
    decision = _(words.APPLICATION_STATES[fact.decision])
    if fact.rank is not None:
        decision = _("{decision}, en position {rank}", decision=decision, rank=fact.rank)
    if fact.track_code is not None:
        decision = _(
            "{decision} vers {track}", decision=decision, track=fact.track_name or fact.track_code
        )
    return _(
        "Décision du comité du {day} : {decision} ({reason}).",
        day=fact.decided_on,
        decision=decision,
        reason=_(words.DECISION_REASONS[fact.reason]),
    )


def _cohort_formed(fact: CohortFormed, _: Tongue, names: Names) -> str:
    return _(
        "« {label} » formée, {count} projets, à partir du {day}.",
        label=fact.label,
        count=len(fact.projects),
        day=fact.starts_on,
    )


def _cohort_changed(fact: CohortChanged, _: Tongue, names: Names) -> str:
    if fact.change is CohortChange.JOINED:
        text = _(
            "« {title} » entre dans la promotion le {day}.",
            title=fact.project.title,
            day=fact.effective_on,
        )
    else:
        text = _(
            "« {title} » quitte la promotion le {day}.",
            title=fact.project.title,
            day=fact.effective_on,
        )
    return text


def _deliverable_handed_in(fact: DeliverableHandedIn, _: Tongue, names: Names) -> str:
    return _(
        "{kind} remis, version {version}, attendu pour le {day}.",
        kind=_(words.DELIVERABLE_KINDS[fact.kind]),
        version=fact.version,
        day=fact.due_on,
    )


def _trophy_awarded(fact: TrophyAwarded, _: Tongue, names: Names) -> str:
    value = sum(prize.value_eur for prize in fact.prizes)
    if not fact.prizes:
        return _("Trophée « {title} ».", title=fact.title)
    return _(
        "Trophée « {title} », avec {prizes} d'une valeur de {value}.",
        title=fact.title,
        prizes=", ".join(prize.title for prize in fact.prizes),
        value=formats.euros(value, _.language),
    )


def _person_forgotten(fact: Fact, _: Tongue, names: Names) -> str:
    return _("Ce partenaire a effacé ce qu'il détenait de la personne.")


def _person_erased(fact: PersonErased, _: Tongue, names: Names) -> str:
    return _("Une personne a demandé à être oubliée : ses données sont effacées partout.")


def _session_planned(fact: SessionPlanned, _: Tongue, names: Names) -> str:
    return _(
        "Au calendrier : {kind} « {title} », {when}, {where}.",
        kind=_(words.SESSION_KINDS[fact.kind]).lower(),
        title=fact.title,
        when=formats.instant(fact.starts_at, _.language),
        where=_where(fact, _),
    )


def _session_moved(fact: SessionMoved, _: Tongue, names: Names) -> str:
    return _(
        "« {title} » aura lieu {when}, {where} ({reason}).",
        title=_session(fact.session_id, _, names),
        when=formats.instant(fact.starts_at, _.language),
        where=_where(fact, _),
        reason=_(words.CHANGE_REASONS[fact.reason]),
    )


def _where(fact: SessionPlanned | SessionMoved, _: Tongue) -> str:
    mode = _(words.SESSION_MODES[fact.mode])
    return f"{mode}, {fact.place}" if fact.place else mode


def _session_cancelled(fact: SessionCancelled, _: Tongue, names: Names) -> str:
    return _(
        "« {title} » est annulée ({reason}).",
        title=_session(fact.session_id, _, names),
        reason=_(words.CHANGE_REASONS[fact.reason]),
    )


def _session_held(fact: SessionHeld, _: Tongue, names: Names) -> str:
    return _(
        "A eu lieu : {kind} « {title} », le {day}, {duration} ; participants : {count}.",
        kind=_(words.SESSION_KINDS[fact.kind]).lower(),
        title=_session(fact.session_id, _, names),
        day=fact.held_on,
        duration=formats.hours(fact.minutes, _.language),
        count=fact.participants,
    )


def _hours_granted(fact: HoursGranted, _: Tongue, names: Names) -> str:
    return _(
        "Forfait accordé : {duration} ({kind}).",
        duration=formats.hours(fact.minutes, _.language),
        kind=_(words.HOUR_KINDS[fact.kind]).lower(),
    )


def _hours_used(fact: HoursUsed, _: Tongue, names: Names) -> str:
    text = _(
        "{duration} consommées ({kind}) avec {partner} ; reste {left}.",
        duration=formats.hours(fact.minutes, _.language),
        kind=_(words.HOUR_KINDS[fact.kind]).lower(),
        partner=organisation(fact.provider_id, _, names),
        left=formats.hours(fact.minutes_left, _.language),
    )
    if not fact.minutes_over:
        return text
    over = formats.hours(fact.minutes_over, _.language)
    return f"{text} " + _("Dépassement accordé : {over}.", over=over)


def _pairing_made(fact: PairingMade, _: Tongue, names: Names) -> str:
    return _(
        "{kind} avec {partner} à partir du {day}.",
        kind=_(words.PAIRING_KINDS[fact.kind]),
        partner=organisation(fact.organisation_id, _, names),
        day=fact.made_on,
    )


def _pairing_ended(fact: PairingEnded, _: Tongue, names: Names) -> str:
    return _(
        "{kind} avec {partner} terminé le {day} ({reason}).",
        kind=_(words.PAIRING_KINDS[fact.kind]),
        partner=organisation(fact.organisation_id, _, names),
        day=fact.ended_on,
        reason=_(words.PAIRING_END_REASONS[fact.reason]),
    )


def _project_progressed(fact: ProjectProgressed, _: Tongue, names: Names) -> str:
    text = _("Au {day} : {status}.", day=fact.reported_on, status=_(words.STATUSES[fact.status]))
    if fact.jobs_min is None or fact.jobs_max is None:
        return text
    return f"{text} " + _(
        "Emplois attendus : {low} à {high}.", low=fact.jobs_min, high=fact.jobs_max
    )


def _message_sent(fact: MessageSent, _: Tongue, names: Names) -> str:
    return _("Message envoyé : {template}.", template=_template(fact, _))


def _message_failed(fact: MessageFailed, _: Tongue, names: Names) -> str:
    return _(
        "Message abandonné : {template} ({reason}).",
        template=_template(fact, _),
        reason=_(words.FAILURES[fact.reason]).lower(),
    )


def _template(fact: MessageSent | MessageFailed, _: Tongue) -> str:
    return _(words.MESSAGES.get(fact.template, fact.template))


_SENTENCES: dict[type[Fact], Callable[[Any, Tongue, Names], str]] = {
    PartnerJoined: _partner_joined,
    CallOpened: _call_opened,
    CallClosed: _call_closed,
    ApplicationReceived: _application_received,
    ApplicationWithdrawn: _application_withdrawn,
    ApplicationDecided: _application_decided,
    CohortFormed: _cohort_formed,
    CohortChanged: _cohort_changed,
    DeliverableHandedIn: _deliverable_handed_in,
    TrophyAwarded: _trophy_awarded,
    PersonErased: _person_erased,
    SessionPlanned: _session_planned,
    SessionMoved: _session_moved,
    SessionCancelled: _session_cancelled,
    SessionHeld: _session_held,
    HoursGranted: _hours_granted,
    HoursUsed: _hours_used,
    PairingMade: _pairing_made,
    PairingEnded: _pairing_ended,
    ProjectProgressed: _project_progressed,
    MessageSent: _message_sent,
    MessageFailed: _message_failed,
    PersonForgottenByScheduling: _person_forgotten,
    PersonForgottenByNotifications: _person_forgotten,
    PersonForgottenByReporting: _person_forgotten,
}

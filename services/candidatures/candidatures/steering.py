"""What the committee and the coordination do: scores, decisions, cohorts, trophies, people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim.clock import PARIS
from essaim.ids import new_id, stable_id
from essaim.keeping.documents import Kept
from essaim.people import directory
from essaim.person import Person
from essaim.refusal import Refusal
from essaim.work import Work
from essaim_contracts.candidatures import (
    CohortChange,
    CohortChanged,
    CohortFormed,
    DeliverableHandedIn,
    DeliverableKind,
    PersonErased,
    PrizeKind,
    TrophyAwarded,
)
from essaim_contracts.envelope import NETWORK

from candidatures import store
from candidatures.application import Application, ApplicationState
from candidatures.applying import get_application, get_call, unknown_application
from candidatures.cohort import Cohort, Project, change_cohort, form_cohort
from candidatures.committee import Verdict, apply_decisions, check_verdict
from candidatures.deliverable import hand_in
from candidatures.document import MEDIA_TYPES
from candidatures.email_address import normalised_email
from candidatures.erasure import expected
from candidatures.form import FileType
from candidatures.scoring import check_scores, weighted_mean
from candidatures.trophy import PledgedPrize, award_trophy

# --- the committee


def give_scores(
    work: Work, application_id: UUID, evaluator: Person, points: Mapping[str, int | None]
) -> float | None:
    """Save what this evaluator gives; the new mean of the application.

    Raises:
        Refusal: she withdrew for a conflict of interest, the application is not before the
            committee, or (422) a criterion or a number of points does not exist.
    """
    application = _received(work, application_id)
    if store.has_conflict(work.db, application_id, evaluator.id):
        raise Refusal(
            "conflict_of_interest",
            "Vous avez déclaré un conflit d'intérêts sur la candidature {number} : "
            "vous ne la notez pas. Levez d'abord ce conflit s'il n'existe plus.",
            status=403,
            number=application.number,
        )
    call = store.call_of_id(work.db, application.call_id)
    check_scores(call.criteria, points)
    store.save_scores(work.db, application_id, evaluator.id, points, work.now)
    return _save_mean(work, application)


def declare_conflict(
    work: Work, application_id: UUID, evaluator: Person, declared: bool
) -> float | None:
    """Withdraw from an application, or come back to it; her scores count only without conflict."""
    application = _received(work, application_id)
    store.save_conflict(work.db, application_id, evaluator.id, declared, work.now)
    return _save_mean(work, application)


def _received(work: Work, application_id: UUID) -> Application:
    application = get_application(work, application_id)
    if application.state == ApplicationState.DRAFT:
        raise unknown_application()
    if application.state == ApplicationState.WITHDRAWN:
        raise Refusal(
            "application_withdrawn",
            "La candidature {number} a été retirée : le comité ne l'examine plus.",
            number=application.number,
        )
    return application


def _save_mean(work: Work, application: Application) -> float | None:
    call = store.call_of_id(work.db, application.call_id)
    scores = store.scores_of(work.db, application.id)
    mean = weighted_mean(call.criteria, scores)
    store.save_mean(work.db, application.id, mean)
    return mean


def prepare_decision(work: Work, application_id: UUID, verdict: Verdict, note: str | None) -> None:
    """Prepare a decision: nobody hears of it before it is applied, of the note never."""
    application = _received(work, application_id)
    check_verdict(verdict)
    store.prepare_decision(work.db, application.id, verdict, note, work.actor, work.now)


@dataclass(frozen=True)
class Applied:
    """What came of applying: how many decisions were said, and how many applications have each."""

    changed: int
    decided: dict[str, int]
    undecided: int


def apply_prepared(
    work: Work, slug: str, *, decided_on: date | None, partial: bool, over_places: bool
) -> Applied:
    """Apply all prepared decisions of a call together; only changed ones are said again.

    Raises:
        Refusal: the call is not closed yet, some applications lack a decision (unless `partial`),
            more are selected than there are places (unless `over_places`, in the actor's name),
            or two have one rank.
    """
    call = store.call_of_id(work.db, get_call(work, slug).id, lock=True)
    if work.now < call.closes_at:
        raise Refusal(
            "call_still_open",
            "L'appel « {title} » ne ferme que le {closes_at} : des candidatures peuvent encore "
            "arriver. Appliquez les décisions après.",
            title=call.title.fr,
            closes_at=call.closes_at,
        )
    considered = store.considered_of(work.db, call)
    day = decided_on or work.now.astimezone(PARIS).date()
    facts = apply_decisions(call, considered, day, partial=partial, over_places=over_places)
    for decided in facts:
        store.mark_applied(work.db, decided)
        work.tell(decided, programme=call.programme)
    if facts:
        store.add_decision_round(
            work.db,
            {
                "id": new_id(),
                "call_id": call.id,
                "decided_on": day,
                "applied_at": work.now,
                "applied_by": work.actor,
                "over_places_by": work.actor if over_places else None,
                "changed": len(facts),
            },
        )
    prepared = [one.prepared.decision.value for one in considered if one.prepared]
    counts = {decision: prepared.count(decision) for decision in dict.fromkeys(prepared)}
    return Applied(len(facts), counts, undecided=len(considered) - len(prepared))


# --- cohorts


def form_cohort_of_call(work: Work, slug: str, label: str, starts_on: date) -> CohortFormed:
    call = store.call_of_id(work.db, get_call(work, slug).id, lock=True)
    formed = form_cohort(
        call,
        new_id(),
        label,
        starts_on,
        selected=store.selected_projects(work.db, call.id),
        formed=store.cohort_of_call(work.db, call.id),
    )
    store.add_cohort(work.db, formed)
    work.tell(formed, programme=call.programme)
    return formed


def get_cohort(work: Work, cohort_id: UUID) -> Cohort:
    cohort = store.find_cohort(work.db, cohort_id)
    if cohort is None:
        raise Refusal(
            "unknown_cohort", "Cette promotion n'existe pas. Vérifiez l'adresse.", status=404
        )
    return cohort


def get_project(work: Work, project_id: UUID) -> Project:
    project = store.find_project(work.db, project_id)
    if project is None:
        raise unknown_project()
    return project


def unknown_project() -> Refusal:
    return Refusal("unknown_project", "Ce projet n'existe pas. Vérifiez l'adresse.", status=404)


def change_cohort_member(
    work: Work, cohort_id: UUID, project_id: UUID, change: CohortChange, effective_on: date
) -> CohortChanged:
    """A project joins a cohort (from the waiting list, once selected) or leaves it."""
    cohort = get_cohort(work, cohort_id)
    store.call_of_id(work.db, cohort.call_id, lock=True)
    changed = change_cohort(cohort, get_project(work, project_id), change, effective_on)
    store.save_cohort_change(work.db, changed)
    work.tell(changed, programme=cohort.programme)
    return changed


# --- deliverables


def hand_in_deliverable(
    work: Work, project_id: UUID, kind: DeliverableKind, filename: str, type: FileType, kept: Kept
) -> DeliverableHandedIn | None:
    """A version of what a project owes; None when it is the last version sent once more."""
    store.lock_project(work.db, project_id)
    project = get_project(work, project_id)
    edition_id = store.edition_of_project(work.db, project_id)
    deliverable = store.find_deliverable(work.db, edition_id, kind)
    if deliverable is None:
        raise Refusal(
            "unknown_deliverable",
            "Cette édition n'attend pas de « {kind} ». Ajoutez-le au fichier du programme.",
            status=404,
            kind=kind.value,
        )
    last = store.last_handed_in(work.db, project_id, edition_id, kind)
    handed = hand_in(deliverable, project, last, kept.sha256, work.now)
    if handed is None:
        return None
    file = {"filename": filename[-200:], "media_type": MEDIA_TYPES[type], "size": kept.size}
    store.add_handed_in(work.db, handed, file | {"handed_in_by": work.actor})
    work.tell(handed, programme=deliverable.programme)
    return handed


# --- prizes and trophies


def pledge_prize(
    work: Work,
    programme: str,
    edition_number: int,
    code: str,
    contributor: str,
    *,
    kind: PrizeKind,
    title: str,
    value_eur: int,
) -> PledgedPrize:
    """A contributor, named by its code, promises a prize for an edition."""
    edition = store.edition_by_number(work.db, programme, edition_number)
    known = {row.code: row for row in store.organisations_of(work.db, programme)}
    if edition is None or contributor not in known:
        raise Refusal(
            "unknown_contributor",
            "Ce programme n'a pas d'édition {number} ou d'organisation « {contributor} ». "
            "Vérifiez le fichier du programme.",
            status=404,
            number=edition_number,
            contributor=contributor,
        )
    if any(prize.code == code for prize in store.prizes_of(work.db, edition.id)):
        raise Refusal(
            "prize_exists",
            "Une dotation s'appelle déjà « {prize} » dans cette édition. Donnez un autre code.",
            field="code",
            prize=code,
        )
    pledged = PledgedPrize(
        id=stable_id(programme, "prize", f"{edition_number}/{code}"),
        edition_id=edition.id,
        code=code,
        contributor_id=known[contributor].id,
        kind=kind,
        title=title,
        value_eur=value_eur,
    )
    store.add_prize(work.db, pledged)
    return pledged


def award(
    work: Work,
    project_id: UUID,
    title: str,
    awarded_on: date,
    prize_codes: Sequence[str],
    jury_ids: Sequence[UUID],
) -> TrophyAwarded:
    """Award a trophy with prizes of the edition, named by their codes."""
    project = get_project(work, project_id)
    cohort = store.find_cohort(work.db, project.cohort_id) if project.cohort_id else None
    edition_id = store.edition_of_project(work.db, project_id)
    pledged = {prize.code: prize for prize in store.prizes_of(work.db, edition_id, lock=True)}
    unknown = [code for code in prize_codes if code not in pledged]
    if unknown:
        raise Refusal(
            "unknown_prize",
            "Aucune dotation promise ne s'appelle {prizes}. Promises : {known}.",
            field="prizes",
            status=422,
            prizes=", ".join(unknown),
            known=", ".join(pledged),
        )
    prizes = [pledged[code] for code in prize_codes]
    awarded = award_trophy(new_id(), cohort, project, title, awarded_on, prizes)
    store.add_trophy(work.db, awarded, jury_ids)
    work.tell(awarded, programme=cohort.programme if cohort else None)
    return awarded


# --- people


def add_person(work: Work, person: Person) -> Person:
    """Enter somebody in the directory; an address belongs to one person."""
    known = directory.find_person_by_email(work.db, person.email) if person.email else None
    if known is not None:
        raise Refusal(
            "email_taken",
            "L'adresse {email} est celle d'une autre personne de l'annuaire. Corrigez "
            "l'une des deux.",
            field="email",
            email=person.email,
        )
    work.share(person)
    return person


def checked_email(text: str | None) -> str | None:
    """The address, normalised.

    Raises:
        Refusal: (422) it is none.
    """
    if text is None:
        return None
    try:
        return normalised_email(text)
    except ValueError as error:
        raise Refusal(
            "bad_email",
            "« {text} » n'est pas une adresse. Écrivez-la ainsi, sans accent avant l'@ : "
            "nom@domaine.fr.",
            field="email",
            status=422,
            text=text,
        ) from error


def organisation_id(work: Work, programme: str, code: str) -> UUID:
    for row in store.organisations_of(work.db, programme):
        if row.code == code:
            found: UUID = row.id
            return found
    raise Refusal(
        "unknown_organisation",
        "Le programme « {programme} » n'a pas d'organisation « {organisation} ». "
        "Ajoutez-la à son fichier.",
        field="roles",
        status=422,
        programme=programme,
        organisation=code,
    )


def get_person(work: Work, person_id: UUID) -> Person:
    person = directory.find_person(work.db, person_id)
    if person is None:
        raise Refusal("unknown_person", "Cette personne n'est pas dans l'annuaire.", status=404)
    return person


def erase(work: Work, person_id: UUID, services: Iterable[str]) -> None:
    """Forget a person: here at once, at the partners when they hear it, which these confirm."""
    get_person(work, person_id)
    forget_person(work, person_id)
    expect_confirmations(work, person_id, services)
    work.forget(person_id)
    work.tell(PersonErased(person_id=person_id, erased_at=work.now), programme=NETWORK)


def forget_person(work: Work, person_id: UUID) -> None:
    """Erase what this service holds about a person."""
    person = directory.find_person(work.db, person_id)
    store.erase_person(work.db, person_id, person.email if person else None)


def expect_confirmations(work: Work, person_id: UUID, services: Iterable[str]) -> None:
    store.await_confirmations(work.db, expected(person_id, work.now, services))

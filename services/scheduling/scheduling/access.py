"""Who may do what here, from the dated roles of a person."""

from collections.abc import Set
from datetime import date
from uuid import UUID

from essaim.person import Person, Role
from essaim.refusal import Refusal

from scheduling.cohort import Cohort
from scheduling.feed import no_such_feed
from scheduling.organisation import Organisation
from scheduling.reach import HOLDERS, MANAGERS, Reach
from scheduling.session import Session


def manages(person: Person, programme: str, today: date) -> bool:
    """Whether she plans, pairs and closes in this programme."""
    return person.holds(MANAGERS, today, programme)


def check_manages(person: Person, programme: str, today: date) -> None:
    """
    Raises:
        Refusal: (403) she does not coordinate this programme.
    """
    if not manages(person, programme, today):
        raise not_a_coordinator(programme)


def takes_part(person: Person | None, programme: str) -> bool:
    """Whether she has or had a role there: nobody is convened or noted in others' programmes."""
    return person is not None and any(held.programme == programme for held in person.roles)


def check_manages_any(person: Person, today: date) -> None:
    """
    Raises:
        Refusal: (403) she coordinates nothing.
    """
    if not person.holds(MANAGERS, today):
        raise coordinates_nothing()


def importing_programme(
    person: Person,
    code: str,
    owner: str | None,
    users: Set[str],
    programme: str | None,
    today: date,
) -> str:
    """The programme for which a coordinator imports a version of the track `code`.

    It is `programme`, or the one she coordinates. `owner` is whose the track is, None while nobody
    imported it; then nobody imports it in place of the `users`, whose cohorts are to go through it.

    Raises:
        Refusal: (403) the track is another programme's, or she does not coordinate `programme`;
            (422) she coordinates several.
    """
    held = {one.programme for one in person.roles if one.role == Role.COORDINATOR}
    hers = {one for one in held if manages(person, one, today)}
    if programme is not None:
        check_manages(person, programme, today)
    wanted = {programme} if programme else hers
    if owner is not None:
        if owner not in wanted:
            raise track_of_another(code, owner)
        return owner
    if len(wanted) > 1:
        raise which_programme(wanted)
    (chosen,) = wanted
    if users - {chosen}:
        raise track_of_another(code, min(users - {chosen}))
    return chosen


def check_reads(reach: Reach, programme: str) -> None:
    """
    Raises:
        Refusal: (403) she does not read this programme.
    """
    if not reach.reads(programme):
        raise not_a_reader(programme)


def holds_session(
    person: Person, session: Session, organisations: list[Organisation], today: date
) -> bool:
    """Whether she speaks at this session or gives its hours, herself or for an organisation.

    `organisations` are those of the session.
    """
    if any(one.id in session.giving_ids and one.person_id == person.id for one in organisations):
        return True
    return any(
        held.role in HOLDERS
        and held.programme == session.programme
        and held.organisation_id in session.giving_ids
        and held.is_held_on(today)
        for held in person.roles
    )


def may_close(
    person: Person, session: Session, organisations: list[Organisation], today: date
) -> bool:
    """Whether the sheet of this session is hers to fill and close, and its marks hers to see."""
    return manages(person, session.programme, today) or holds_session(
        person, session, organisations, today
    )


def check_may_close(
    person: Person, session: Session, organisations: list[Organisation], today: date
) -> None:
    """
    Raises:
        Refusal: (403) she neither coordinates the programme nor holds this session.
    """
    if not may_close(person, session, organisations, today):
        raise not_the_holder(session)


def check_reads_session(
    person: Person, reach: Reach, session: Session, organisations: list[Organisation], today: date
) -> bool:
    """Whether she sees its persons too: not when she reads it only as who funds the programme.

    Raises:
        Refusal: (403) she is not convened to it, does not hold it, and does not read the programme.
    """
    if person.id in session.participant_ids or reach.manages(session.programme):
        return True
    if holds_session(person, session, organisations, today):
        return True
    if not reach.reads(session.programme):
        raise not_your_session()
    return False


def check_reads_project(reach: Reach, programme: str, *, is_near: bool) -> bool:
    """Whether she sees its persons too. `is_near` says that she bears or accompanies it.

    Raises:
        Refusal: (403) she is not near this project and does not read the programme.
    """
    if not is_near and not reach.reads(programme):
        raise not_your_project()
    return is_near or reach.manages(programme)


def is_bearer(person: Person, cohort: Cohort) -> bool:
    """Whether she bears one of the projects that are in a cohort now."""
    return any(person.id in project.bearer_ids for project in cohort.active)


def check_reads_cohort(person: Person, reach: Reach, cohort: Cohort) -> bool:
    """Whether she sees its bearers too: as one of them, or coordinating the programme.

    Raises:
        Refusal: (403) she bears none of its projects and does not read the programme.
    """
    if not (is_bearer(person, cohort) or reach.reads(cohort.programme)):
        raise not_a_reader(cohort.programme)
    return is_bearer(person, cohort) or reach.manages(cohort.programme)


def check_still_follows(owner: Person, reach: Reach, cohort: Cohort | None, today: date) -> None:
    """Whether a feed still opens: of a cohort its owner reads, or of her own sessions (None).

    Who had roles and has none left follows nothing any more.

    Raises:
        Refusal: (404) it does not; the same answer as when there is none.
    """
    if cohort is None:
        follows = not owner.roles or any(one.is_held_on(today) for one in owner.roles)
    else:
        follows = is_bearer(owner, cohort) or reach.reads(cohort.programme)
    if not follows:
        raise no_such_feed()


def not_a_coordinator(programme: str) -> Refusal:
    return Refusal(
        "not_a_coordinator",
        "Cette action revient à la coordination du programme {programme}. "
        "Demandez-lui de la faire, ou de vérifier vos rôles.",
        status=403,
        programme=programme,
    )


def coordinates_nothing() -> Refusal:
    return Refusal(
        "coordinates_nothing",
        "Les parcours sont importés par une coordination. Demandez-lui de le faire.",
        status=403,
    )


def track_of_another(code: str, owner: str) -> Refusal:
    return Refusal(
        "track_of_another",
        "Le parcours « {track} » est celui de « {owner} » : sa coordination ou un opérateur en "
        "importe les versions. Demandez-le-lui, ou donnez un autre code à votre fichier.",
        status=403,
        track=code,
        owner=owner,
    )


def which_programme(programmes: Set[str]) -> Refusal:
    return Refusal(
        "which_programme",
        "Vous coordonnez plusieurs programmes ({programmes}). Dites pour lequel : "
        "?programme=… à la fin de l’adresse.",
        field="programme",
        status=422,
        programmes=", ".join(sorted(programmes)),
    )


def not_a_reader(programme: str) -> Refusal:
    return Refusal(
        "not_a_reader",
        "Ceci se lit dans la coordination du programme {programme}. "
        "Demandez-lui de vérifier vos rôles.",
        status=403,
        programme=programme,
    )


def not_the_holder(session: Session) -> Refusal:
    return Refusal(
        "not_the_holder",
        "La feuille de « {title} » est tenue par qui anime la séance ou par la coordination. "
        "Demandez-leur de la compléter.",
        status=403,
        title=session.title,
    )


def not_your_session() -> Refusal:
    return Refusal(
        "not_your_session",
        "Vous n’êtes pas convié à cette séance. Si vous devriez l’être, "
        "écrivez à la coordination du programme.",
        status=403,
    )


def not_your_project() -> Refusal:
    return Refusal(
        "not_your_project",
        "Ce projet n’est pas le vôtre. Si vous l’accompagnez, "
        "demandez à la coordination de vérifier vos rôles.",
        status=403,
    )


def override_by_whom(override_by: UUID) -> Refusal:
    return Refusal(
        "override_by_whom",
        "Une exception s’autorise en son propre nom, par qui coordonne le programme : nommer "
        "{person} n’autorise rien. Demandez à la coordination de faire cet acte elle-même.",
        field="override_by",
        status=403,
        person=override_by,
    )

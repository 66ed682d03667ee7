"""Prizes pledged, trophies prepared and announced with them, and prizes handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim import Work
from essaim.ids import new_id, stable_id
from essaim_contracts.candidatures import Prize, PrizeKind, TrophyAwarded
from essaim_contracts.cohort import PrizeDelivered

from candidatures import store
from candidatures.ceremony import (
    PreparedTrophy,
    StandingPrize,
    moved,
    not_of_cohort,
    nothing_prepared,
    refuse_announced,
    unknown_prize_id,
)
from candidatures.ceremony import deliver as deliver_prize
from candidatures.trophy import (
    PledgedPrize,
    award_trophy,
    chosen,
    prize_exists,
    unknown_contributor,
)


def pledge(
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
    """A contributor, named by its code, promises a prize for an edition.

    Raises:
        Refusal: (404) there is no such edition or contributor; the code is taken.
    """
    edition = store.programme.find_edition(work.db, programme, edition_number)
    organisation = store.programme.find_organisation(work.db, programme, contributor)
    if edition is None or organisation is None:
        raise unknown_contributor(edition_number, contributor)
    if any(prize.code == code for prize in store.trophy.prizes_of(work.db, edition.id)):
        raise prize_exists(code)
    pledged = PledgedPrize(
        id=stable_id(programme, "prize", f"{edition_number}/{code}"),
        edition_id=edition.id,
        code=code,
        contributor_id=organisation.id,
        kind=kind,
        title=title,
        value_eur=value_eur,
    )
    store.trophy.add_prize(work.db, pledged)
    return pledged


@dataclass(frozen=True)
class Award:
    """What the jury gives: a trophy for a project, on a day, with prizes named by their codes."""

    project_id: UUID
    title: str
    awarded_on: date
    prize_codes: Sequence[str]
    jury_ids: Sequence[UUID]


def prepare(work: Work, award: Award, cohort_id: UUID | None = None) -> TrophyAwarded:
    """Set a trophy last in the running order: nobody is told before it is announced.

    Raises:
        Refusal: the project is in no cohort, or not in this one; a prize was not pledged, or is
            beside another trophy.
    """
    project = store.project.get(work.db, award.project_id)
    cohort = store.cohort.find(work.db, project.cohort_id) if project.cohort_id else None
    if cohort_id is not None and project.cohort_id != cohort_id:
        raise not_of_cohort(project.title)
    edition_id = store.project.edition_of(work.db, project.id)
    prizes = chosen(store.trophy.prizes_of(work.db, edition_id, lock=True), award.prize_codes)
    awarded = award_trophy(new_id(), cohort, project, award.title, award.awarded_on, prizes)
    order = store.trophy.of_cohort(work.db, awarded.cohort_id)
    last = max((one.position for one in order), default=0)
    store.trophy.prepare(work.db, awarded, award.jury_ids, last + 1)
    return awarded


def award(work: Work, award: Award) -> TrophyAwarded:
    """Award a trophy at once: it is prepared and announced.

    Raises:
        Refusal: as `prepare`.
    """
    awarded = prepare(work, award)
    _announce(work, awarded)
    return awarded


def _announce(work: Work, awarded: TrophyAwarded) -> None:
    store.trophy.announce(work.db, awarded.trophy_id)
    work.tell(awarded, programme=store.cohort.get(work.db, awarded.cohort_id).programme)


def take_back(work: Work, trophy_id: UUID) -> UUID:
    """A prepared trophy never was. The cohort it was of.

    Raises:
        Refusal: (404) there is none; it was announced.
    """
    found = store.trophy.find(work.db, trophy_id)
    refuse_announced(found)
    store.trophy.take_back(work.db, trophy_id)
    return found.cohort_id


def move(work: Work, trophy_id: UUID, by: int) -> UUID:
    """A trophy comes earlier (-1) or later (1) in the ceremony. The cohort it is of.

    Raises:
        Refusal: (404) there is none.
    """
    found = store.trophy.find(work.db, trophy_id)
    order = [one.id for one in store.trophy.of_cohort(work.db, found.cohort_id)]
    store.trophy.put_in_order(work.db, moved(order, trophy_id, by))
    return found.cohort_id


def announce(work: Work, cohort_id: UUID) -> int:
    """Announce every prepared trophy of a cohort, in the running order. How many they are.

    Raises:
        Refusal: (404) there is no such cohort; nothing is prepared.
    """
    cohort = store.cohort.get(work.db, cohort_id)
    store.trophy.prizes_of(work.db, cohort.edition_id, lock=True)
    prepared = [one for one in store.trophy.of_cohort(work.db, cohort_id) if not one.announced]
    if not prepared:
        raise nothing_prepared()
    prizes = store.trophy.standing_of(work.db, cohort.edition_id)
    for one in prepared:
        _announce(work, _awarded(one, cohort.edition_id, prizes))
    return len(prepared)


def _awarded(
    trophy: PreparedTrophy, edition_id: UUID, prizes: Sequence[StandingPrize]
) -> TrophyAwarded:
    return TrophyAwarded(
        trophy_id=trophy.id,
        edition_id=edition_id,
        cohort_id=trophy.cohort_id,
        project_id=trophy.project_id,
        bearer_ids=trophy.bearer_ids,
        title=trophy.title,
        awarded_on=trophy.awarded_on,
        prizes=tuple(
            Prize(
                prize_id=prize.id,
                contributor_id=prize.contributor_id,
                kind=PrizeKind(prize.kind),
                title=prize.title,
                value_eur=prize.value_eur,
            )
            for prize in prizes
            if prize.trophy_id == trophy.id
        ),
    )


def deliver(
    work: Work, prize_id: UUID, delivered_on: date, delivered_by: str | None = None
) -> PrizeDelivered:
    """A prize reached its project, handed over by its donor or by an organisation of this code.

    Raises:
        Refusal: (404) there is no such prize or organisation; it was awarded to nobody, or the
            day is before that or has not come.
    """
    found = store.trophy.find_standing(work.db, prize_id)
    edition = store.programme.edition_of(work.db, found.edition_id)
    if edition is None:
        raise unknown_prize_id()
    programme, by = edition.programme, found.contributor_id
    if delivered_by is not None:
        organisation = store.programme.find_organisation(work.db, programme, delivered_by)
        if organisation is None:
            raise unknown_contributor(edition.number, delivered_by)
        by = organisation.id
    delivered = deliver_prize(found, by, delivered_on, work.today)
    if (found.delivered_on, found.delivered_by_id) != (delivered_on, by):
        store.trophy.save_delivery(work.db, delivered, work.actor)
        work.tell(delivered, programme=programme)
    return delivered

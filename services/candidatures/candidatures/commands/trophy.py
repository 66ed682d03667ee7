"""Prizes pledged by contributors, and the trophies with which they are given."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from essaim import Work
from essaim.ids import new_id, stable_id
from essaim_contracts.candidatures import PrizeKind, TrophyAwarded

from candidatures import store
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


def award(
    work: Work,
    project_id: UUID,
    title: str,
    awarded_on: date,
    prize_codes: Sequence[str],
    jury_ids: Sequence[UUID],
) -> TrophyAwarded:
    """Award a trophy with prizes of the edition, named by their codes.

    Raises:
        Refusal: the project is in no cohort; a prize was not pledged, or was given before.
    """
    project = store.project.get(work.db, project_id)
    cohort = store.cohort.find(work.db, project.cohort_id) if project.cohort_id else None
    edition_id = store.project.edition_of(work.db, project_id)
    prizes = chosen(store.trophy.prizes_of(work.db, edition_id, lock=True), prize_codes)
    awarded = award_trophy(new_id(), cohort, project, title, awarded_on, prizes)
    store.trophy.add(work.db, awarded, jury_ids)
    work.tell(awarded, programme=cohort.programme if cohort else None)
    return awarded

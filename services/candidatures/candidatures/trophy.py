"""Trophies, and the prizes that contributors pledged for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim.refusal import Refusal
from essaim_contracts.candidatures import Prize, PrizeKind, TrophyAwarded

from candidatures.cohort import Cohort, Project


@dataclass(frozen=True)
class PledgedPrize:
    """A prize a contributor promised. `given_with` is the title of the trophy it went with."""

    id: UUID
    edition_id: UUID
    code: str
    contributor_id: UUID
    kind: PrizeKind
    title: str
    value_eur: int
    given_with: str | None = None


def pledge_total(prizes: Iterable[PledgedPrize]) -> int:
    """What all pledges are worth together, in whole euros."""
    return sum(prize.value_eur for prize in prizes)


def award_trophy(
    trophy_id: UUID,
    cohort: Cohort | None,
    project: Project,
    title: str,
    awarded_on: date,
    prizes: Sequence[PledgedPrize],
) -> TrophyAwarded:
    """A trophy for a project of a cohort. Each prize is given once.

    Raises:
        Refusal: the project is in no cohort, or a prize was given before, or is named twice.
    """
    if cohort is None:
        raise Refusal(
            "not_in_cohort",
            "Le projet « {title} » n'est dans aucune promotion : il ne peut pas recevoir "
            "de trophée.",
            title=project.title,
        )
    _check_given_once(prizes, title)
    return TrophyAwarded(
        trophy_id=trophy_id,
        edition_id=cohort.edition_id,
        cohort_id=cohort.id,
        project_id=project.id,
        bearer_ids=project.bearer_ids,
        title=title,
        awarded_on=awarded_on,
        prizes=tuple(
            Prize(
                prize_id=prize.id,
                contributor_id=prize.contributor_id,
                kind=prize.kind,
                title=prize.title,
                value_eur=prize.value_eur,
            )
            for prize in prizes
        ),
    )


def _check_given_once(prizes: Sequence[PledgedPrize], trophy: str) -> None:
    seen: set[UUID] = set()
    for prize in prizes:
        if prize.given_with is not None or prize.id in seen:
            raise Refusal(
                "prize_given",
                "La dotation « {prize} » est déjà donnée, avec le trophée « {trophy} ». "
                "Une dotation ne se donne qu'une fois.",
                field="prizes",
                prize=prize.title,
                trophy=prize.given_with or trophy,
            )
        seen.add(prize.id)

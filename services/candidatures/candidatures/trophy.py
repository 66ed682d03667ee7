"""Trophies, and the prizes that contributors pledged for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim import Refusal
from essaim_contracts.candidatures import Prize, PrizeKind, TrophyAwarded

from candidatures.cohort import Cohort
from candidatures.project import Project


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


@dataclass(frozen=True)
class AwardedTrophy:
    """A trophy as it was awarded, with the title of its project."""

    id: UUID
    title: str
    project_id: UUID
    project_title: str
    awarded_on: date


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
        raise no_trophy_outside_a_cohort(project)
    taken = given_before(prizes)
    if taken is not None:
        raise prize_given(taken, taken.given_with or title)
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


def given_before(prizes: Sequence[PledgedPrize]) -> PledgedPrize | None:
    """The first of these prizes that was given before, or is named twice here."""
    seen: set[UUID] = set()
    for prize in prizes:
        if prize.given_with is not None or prize.id in seen:
            return prize
        seen.add(prize.id)
    return None


def chosen(pledged: Iterable[PledgedPrize], codes: Sequence[str]) -> list[PledgedPrize]:
    """The prizes of these codes.

    Raises:
        Refusal: (422) nobody pledged one of them.
    """
    by_code = {prize.code: prize for prize in pledged}
    unknown = [code for code in codes if code not in by_code]
    if unknown:
        raise unknown_prize(unknown, by_code)
    return [by_code[code] for code in codes]


# --- refusals


def no_trophy_outside_a_cohort(project: Project) -> Refusal:
    return Refusal(
        "not_in_cohort",
        "« {title} » n’est dans aucune promotion : ce projet ne peut pas recevoir de trophée.",
        title=project.title,
    )


def prize_given(prize: PledgedPrize, trophy: str) -> Refusal:
    return Refusal(
        "prize_given",
        "La dotation « {prize} » est déjà donnée, avec le trophée « {trophy} ». "
        "Une dotation ne se donne qu’une fois.",
        field="prizes",
        prize=prize.title,
        trophy=trophy,
    )


def unknown_prize(unknown: Iterable[str], known: Iterable[str]) -> Refusal:
    return Refusal(
        "unknown_prize",
        "Aucune dotation promise ne s’appelle {prizes}. Promises : {known}.",
        field="prizes",
        status=422,
        prizes=", ".join(unknown),
        known=", ".join(known),
    )


def unknown_contributor(edition_number: int, contributor: str) -> Refusal:
    return Refusal(
        "unknown_contributor",
        "Ce programme n’a pas d’édition {number} ou d’organisation « {contributor} ». "
        "Vérifiez le fichier du programme.",
        status=404,
        number=edition_number,
        contributor=contributor,
    )


def prize_exists(code: str) -> Refusal:
    return Refusal(
        "prize_exists",
        "Une dotation s’appelle déjà « {prize} » dans cette édition. Donnez un autre code.",
        field="code",
        prize=code,
    )

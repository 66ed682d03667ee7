"""A call in a programme file: when it is open, and all that it asks."""

from collections.abc import Callable
from typing import Annotated, Self

from essaim import Refusal
from essaim.text.file_check import Values
from essaim.text.file_values import ParisTime, Whole
from essaim_contracts.candidatures import ApplicantKind, CallKind
from essaim_contracts.fact import Slug
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from candidatures.charter import Charter
from candidatures.eligibility import EligibilityQuestion
from candidatures.file_links import default_prefix
from candidatures.form import Criterion, DocumentAsked, Part, Round, Text
from candidatures.question import Question, Section, in_sections


class CallEntry(Part):
    slug: Slug
    kind: CallKind = CallKind.CALL
    title: Text
    summary: Text | None = None
    track_code: Slug
    receipt_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{1,28}$")] | None = None
    """What receipt numbers start with; by default the slug in capitals."""
    opens_at: ParisTime
    closes_at: ParisTime
    """First instant at which an application is refused."""
    places: Annotated[Whole, Field(ge=1, le=100_000)] | None = None
    eligibility: tuple[EligibilityQuestion, ...] = ()
    """What is asked before the form, of who may not be able to apply."""
    sections: tuple[Section, ...] = ()
    """The titles under which questions stand, in order."""
    questions: tuple[Question, ...] = ()
    documents: tuple[DocumentAsked, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    rounds: Annotated[tuple[Round, ...], Field(min_length=1, max_length=9)] = (Round(),)
    """How often the committee goes through the applications; the next takes what was kept."""
    applicants: tuple[ApplicantKind, ...] = ()
    """Who may apply; anybody where none is named."""
    charter: Charter | None = None
    """What both sides commit to."""
    quorum: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    """How many members of the committee must be there to decide."""

    @property
    def questions_in_order(self) -> tuple[Question, ...]:
        """As the form asks them: section after section."""
        return tuple(
            one for _, found in in_sections(self.questions, self.sections) for one in found
        )

    @property
    def prefix(self) -> str:
        return self.receipt_prefix or default_prefix(self.slug)

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> Self:
        if self.closes_at <= self.opens_at:
            raise PydanticCustomError(
                "closes_first",
                "closes first",
                {"slug": self.slug, "opens": f"{self.opens_at:%Y-%m-%d %H:%M}",
                 "closes": f"{self.closes_at:%Y-%m-%d %H:%M}"},
            )  # fmt: skip
        return self

    @model_validator(mode="after")
    def _scores_each_criterion_in_one_round(self) -> Self:
        asked = [code for one in self.rounds for code in one.criteria]
        known = [one.code for one in self.criteria]
        if (asked or len(self.rounds) > 1) and sorted(asked) != sorted(known):
            raise PydanticCustomError(
                "round_criteria", "each once",
                {"slug": self.slug, "known": ", ".join(known), "asked": ", ".join(asked) or "–"},
            )  # fmt: skip
        return self


# --- refusals of its own rules, by the type of their pydantic error


def _bad_page_address(values: Values) -> Refusal:
    return Refusal(
        "bad_page_address",
        "« {value} » n’est pas l’adresse d’une page. Écrivez-la en entier, comme "
        "https://exemple.fr/reglement.",
        **values,
    )


def _closes_first(values: Values) -> Refusal:
    return Refusal(
        "closes_first",
        "L’appel « {slug} » ferme le {closes}, avant ou à son ouverture le {opens}. "
        "Mettez « closes_at » après « opens_at ».",
        **values,
    )


def _round_criteria(values: Values) -> Refusal:
    return Refusal(
        "round_criteria",
        "L’appel « {slug} » a les critères {known} ; ses tours (rounds) notent {asked}. Nommez "
        "chaque critère dans un tour, et dans un seul.",
        **values,
    )


def _choices_missing(values: Values) -> Refusal:
    return Refusal(
        "choices_missing",
        "La question « {item} » est un choix : écrivez au moins deux « choices », ou "
        "changez « kind ».",
        **values,
    )


def _choices_unwanted(values: Values) -> Refusal:
    return Refusal(
        "choices_unwanted",
        "La question « {item} » a des « choices » sans être un choix. "
        "Enlevez-les, ou écrivez « kind: choice ».",
        **values,
    )


def _bounds_unwanted(values: Values) -> Refusal:
    return Refusal(
        "bounds_unwanted",
        "La question « {item} » a « min », « max », « decimals » ou « unit » sans attendre un "
        "nombre. Enlevez-les, ou écrivez « kind: number ».",
        **values,
    )


def _bounds_order(values: Values) -> Refusal:
    return Refusal(
        "bounds_order",
        "Aucun nombre ne répond à la question « {item} » : « min » dépasse « max ». Sans « min », "
        "le plus petit est 0.",
        **values,
    )


def _days_unwanted(values: Values) -> Refusal:
    return Refusal(
        "days_unwanted",
        "La question « {item} » a « earliest » ou « latest » sans attendre une date. Enlevez-les, "
        "ou écrivez « kind: date ».",
        **values,
    )


def _days_order(values: Values) -> Refusal:
    return Refusal(
        "days_order",
        "Aucune date ne répond à la question « {item} » : « earliest » est après « latest ». "
        "Échangez-les.",
        **values,
    )


def _files_unwanted(values: Values) -> Refusal:
    return Refusal(
        "files_unwanted",
        "La question « {item} » a « allowed » ou « max_mb » sans attendre un fichier. Enlevez-les, "
        "ou écrivez « kind: file ».",
        **values,
    )


def _stops_nobody(values: Values) -> Refusal:
    return Refusal(
        "stops_nobody",
        "« {item} » laisse passer tout le monde, ou personne. Écrivez « passes » à une réponse au "
        "moins, et pas à toutes.",
        **values,
    )


def _dated_twice(values: Values) -> Refusal:
    return Refusal(
        "dated_twice",
        "Le document « {item} » a « max_months » et « expires ». Gardez l’un des deux.",
        **values,
    )


CALL_RULES: dict[str, Callable[[Values], Refusal]] = {
    "bad_page_address": _bad_page_address,
    "closes_first": _closes_first,
    "round_criteria": _round_criteria,
    "choices_missing": _choices_missing,
    "choices_unwanted": _choices_unwanted,
    "bounds_unwanted": _bounds_unwanted,
    "bounds_order": _bounds_order,
    "dated_twice": _dated_twice,
    "stops_nobody": _stops_nobody,
    "days_unwanted": _days_unwanted,
    "days_order": _days_order,
    "files_unwanted": _files_unwanted,
}

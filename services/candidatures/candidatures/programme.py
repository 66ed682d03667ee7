"""A programme, its editions, and the organisations that carry it together."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from essaim import Refusal

from candidatures.partner import PartnerStatus, Term


@dataclass(frozen=True)
class Programme:
    """`rules` and `privacy` are addresses of pages: what applies, what becomes of people's data."""

    slug: str
    name: str
    steward_id: UUID
    invented: bool
    contact_email: str | None = None
    contact_phone: str | None = None
    rules: str | None = None
    privacy: str | None = None


@dataclass(frozen=True)
class Edition:
    id: UUID
    programme: str
    number: int
    year: int


@dataclass(frozen=True)
class Organisation:
    """A legal person, or a lone expert: then `name` is None and `person_id` says who."""

    id: UUID
    code: str
    name: str | None
    person_id: UUID | None
    legal_form: str | None
    commitments: tuple[str, ...]
    joined_on: date
    status: PartnerStatus = PartnerStatus.CONFIRMED
    left_on: date | None = None
    terms: tuple[Term, ...] = ()

    def is_partner(self, today: date) -> bool:
        """Whether it is one for everybody to see."""
        is_over = self.left_on is not None and self.left_on < today
        return self.status == PartnerStatus.CONFIRMED and not is_over

    def term(self, commitment: str) -> Term | None:
        return next((one for one in self.terms if one.commitment == commitment), None)


# --- refusals


def unknown_programme(slug: str) -> Refusal:
    return Refusal(
        "unknown_programme",
        "Aucun programme ne s’appelle « {programme} ». Vérifiez l’adresse.",
        status=404,
        programme=slug,
    )


def programme_exists(slug: str) -> Refusal:
    return Refusal(
        "programme_exists",
        "Un programme a déjà l’adresse « {programme} ». Donnez-en une autre, ou changez celui-là "
        "dans sa mise en place.",
        field="slug",
        status=409,
        programme=slug,
    )


def unknown_organisation(programme: str, code: str) -> Refusal:
    return Refusal(
        "unknown_organisation",
        "Le programme « {programme} » n’a pas d’organisation « {organisation} ». "
        "Ajoutez-la à son fichier.",
        field="roles",
        status=422,
        programme=programme,
        organisation=code,
    )

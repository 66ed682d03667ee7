"""How much one place may ask for: drafts, files, and the links that are mailed to anybody."""

from dataclasses import dataclass, field
from datetime import timedelta

from essaim import Refusal, Work
from essaim.keeping.limits import Limit, admit

from candidatures.call_watch import too_many_watches

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)

# A hall full of applicants behind one address stays far below these.
DRAFTS = Limit("draft begun", 200, _DAY)
FILES = Limit("draft file", 600, _DAY)
MEGABYTES = Limit("draft megabyte", 1000, _DAY)
FILES_OF_DRAFT = Limit("file of one draft", 60, _DAY)
LINKS_FROM = Limit("draft link asked", 60, _HOUR)
LINKS_TO = Limit("draft link received", 5, _DAY)
WATCHES_FROM = Limit("call watch asked", 60, _HOUR)
WATCHES_TO = Limit("call watch received", 5, _DAY)
LINKS_OF_DRAFT = Limit("link of one draft", 5, _DAY)


@dataclass(frozen=True)
class Source:
    """Where a request comes from; `secret` hides it where it is counted."""

    place: str
    secret: str = field(repr=False)


def admit_draft(work: Work, source: Source, slug: str) -> None:
    """
    Raises:
        Refusal: (429) too many drafts of this call were begun from there today.
    """
    if not _admit(work, DRAFTS, source, f"{source.place} {slug}"):
        raise too_many_drafts()


def admit_file(
    work: Work, source: Source, slug: str, draft: str, size: int, field: str | None = None
) -> None:
    """Before a file is kept. `draft` names the draft it is for, `size` is in bytes.

    Raises:
        Refusal: (429) too many, or too much, from there or for this draft today.
    """
    place, megabytes = f"{source.place} {slug}", size // 1_000_000 + 1
    if not (
        _admit(work, FILES_OF_DRAFT, source, draft)
        and _admit(work, FILES, source, place)
        and _admit(work, MEGABYTES, source, place, megabytes)
    ):
        raise too_many_files(field)


def admit_link(work: Work, source: Source, draft: str, email: str) -> None:
    """
    Raises:
        Refusal: (429) enough links went to this address, from there, or for this draft.
    """
    if not (
        _admit(work, LINKS_OF_DRAFT, source, draft)
        and _admit(work, LINKS_TO, source, email.lower())
        and _admit(work, LINKS_FROM, source, source.place)
    ):
        raise too_many_links()


def admit_watch(work: Work, source: Source, email: str) -> None:
    """
    Raises:
        Refusal: (429) enough letters went to this address, or were asked from there.
    """
    if not (
        _admit(work, WATCHES_TO, source, email.lower())
        and _admit(work, WATCHES_FROM, source, source.place)
    ):
        raise too_many_watches()


def _admit(work: Work, limit: Limit, source: Source, who: str, weight: int = 1) -> bool:
    return admit(work.db, limit, who, source.secret, weight=weight)


# --- refusals


def too_many_drafts() -> Refusal:
    return Refusal(
        "too_many_drafts",
        "Trop de brouillons de cet appel ont été commencés depuis cette connexion aujourd’hui. "
        "Votre texte est resté sur cette page : gardez-la ouverte et enregistrez-la demain, ou "
        "depuis une autre connexion.",
        status=429,
    )


def too_many_files(field: str | None) -> Refusal:
    return Refusal(
        "too_many_files",
        "Trop de fichiers sont arrivés aujourd’hui pour ce brouillon ou depuis cette connexion : "
        "celui-ci n’est pas gardé. Ajoutez-le demain, ou depuis une autre connexion.",
        field=field,
        status=429,
    )


def too_many_links() -> Refusal:
    return Refusal(
        "too_many_links",
        "Assez de liens sont déjà partis à cette adresse ou depuis cette connexion : aucun autre "
        "ne part pour l’instant. Le dernier lien reçu ouvre toujours le brouillon.",
        status=429,
    )

"""Shared resources: what a programme lends to its projects and to those who accompany them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from essaim import Refusal, Role
from essaim.text.collation import order_key, search_words

from candidatures.document import Document
from candidatures.form import DocumentAsked, FileType, Text

MOST = 500
"""Resources of one programme, withdrawn ones included."""

MOST_BYTES = 2_000_000_000
"""What all versions of all files of one programme take together."""

FILE_ASKED = DocumentAsked(
    code="resource", label=Text(fr="Fichier"), allowed=tuple(FileType), max_mb=30
)

AUDIENCES = (
    Role.BEARER,
    Role.GODPARENT,
    Role.MENTOR,
    Role.SPEAKER,
    Role.COMMITTEE_MEMBER,
    Role.FUNDER,
)
"""Those to whom a resource may be kept; the coordination sees all of them."""


@dataclass(frozen=True)
class Described:
    """What is said of a resource. `audience`: nobody named, everybody of the programme."""

    title: str
    theme: str
    description: str
    licence: str
    owner: str
    audience: tuple[Role, ...]
    edition_id: UUID | None = None


@dataclass(frozen=True)
class Resource:
    """A resource and its last version: a link, or a file (`sha256`); neither before it came."""

    id: UUID
    programme: str
    described: Described
    changed_at: datetime
    withdrawn: bool
    version: int = 0
    link: str | None = None
    file: Document | None = None

    @property
    def has_content(self) -> bool:
        return self.link is not None or self.file is not None


def is_for(resource: Resource, roles: Collection[Role]) -> bool:
    """Whether somebody who has these roles in its programme may use it."""
    if not roles or resource.withdrawn or not resource.has_content:
        return False
    audience = resource.described.audience
    return not audience or any(role in audience for role in roles)


def found_by(resources: Iterable[Resource], theme: str, words: str) -> list[Resource]:
    """Those of a theme that hold these words, by theme and title."""
    wanted = search_words(words)
    kept = [
        one
        for one in resources
        if theme in ("", one.described.theme) and _holds(one.described, wanted)
    ]
    return sorted(
        kept, key=lambda one: (order_key(one.described.theme), order_key(one.described.title))
    )


def _holds(described: Described, wanted: Sequence[str]) -> bool:
    text = " ".join(search_words(f"{described.title} {described.description} {described.owner}"))
    return all(word in text for word in wanted)


def checked_link(link: str) -> str:
    """The address of a page, whole.

    Raises:
        Refusal: (422) it is none.
    """
    try:
        parts = urlsplit(link)
    except ValueError:
        raise bad_link(link) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or " " in link:
        raise bad_link(link)
    return link


def check_room(count: int, held: int, adding: int) -> None:
    """
    Raises:
        Refusal: the programme has as many resources, or bytes of them, as it may.
    """
    if count > MOST or held + adding > MOST_BYTES:
        raise library_full(count, held + adding)


# --- refusals


def unknown_resource() -> Refusal:
    return Refusal(
        "unknown_resource",
        "Cette ressource n’existe pas, ou plus. Revenez à la bibliothèque.",
        status=404,
    )


def bad_link(link: str) -> Refusal:
    return Refusal(
        "bad_link",
        "« {link} » n’est pas l’adresse d’une page. Écrivez-la en entier, avec https://.",
        field="link",
        status=422,
        link=link,
    )


def link_or_file() -> Refusal:
    return Refusal(
        "link_or_file",
        "Donnez un lien, ou choisissez un fichier : l’un des deux.",
        field="link",
        status=422,
    )


def unknown_audience(roles: Iterable[str]) -> Refusal:
    return Refusal(
        "unknown_audience",
        "Une ressource ne se garde pas pour {roles}. Choisissez parmi : {known}.",
        field="audience",
        status=422,
        roles=", ".join(roles),
        known=", ".join(AUDIENCES),
    )


def unknown_edition_of() -> Refusal:
    return Refusal(
        "unknown_edition",
        "Cette édition n’est pas de ce programme. Choisissez-en une dans la liste.",
        field="edition_id",
        status=422,
    )


def library_full(count: int, size: int) -> Refusal:
    return Refusal(
        "library_full",
        "La bibliothèque est pleine : {count} ressources et {size} Mo seraient gardés, au plus "
        "{most} ressources et {limit} Mo. Donnez un lien plutôt qu’un fichier.",
        count=count,
        size=size // 1_000_000,
        most=MOST,
        limit=MOST_BYTES // 1_000_000,
    )


def resource_changed() -> Refusal:
    return Refusal(
        "resource_changed",
        "Quelqu’un a changé cette ressource depuis que vous l’avez ouverte : rien n’est "
        "enregistré, et ce que vous avez écrit est encore là. Comparez, puis enregistrez à "
        "nouveau.",
    )

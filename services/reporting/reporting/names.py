"""The names of what facts call by an id or a code, in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from essaim.text import formats
from essaim.text.departments import department_name
from essaim.text.languages import Tongue
from essaim_contracts.candidatures import CallOpened, Coded


@dataclass(frozen=True)
class Names:
    """Public names; a person who acts alone has none."""

    organisations: Mapping[UUID, str | None] = field(default_factory=dict)
    sessions: Mapping[UUID, str] = field(default_factory=dict)
    sectors: Mapping[str, Coded] = field(default_factory=dict)
    sources: Mapping[str, Coded] = field(default_factory=dict)


def names_of(
    organisations: Mapping[UUID, str | None],
    sessions: Mapping[UUID, str],
    calls: Iterable[CallOpened],
) -> Names:
    """`calls` say what their sectors and sources are called; the last one is right."""
    opened = list(calls)
    return Names(
        organisations,
        sessions,
        {one.code: one for call in opened for one in call.sectors},
        {one.code: one for call in opened for one in call.heard_from},
    )


def organisation(id: UUID | None, _: Tongue, names: Names) -> str:
    """The public name of an organisation, or words for one that has none."""
    if id is None:
        return _("partenaire non précisé")
    if id not in names.organisations:
        return _("organisation inconnue")
    return names.organisations[id] or _("expert indépendant")


def session_title(id: UUID, _: Tongue, names: Names) -> str:
    return names.sessions.get(id) or _("séance")


def sector(code: str | None, _: Tongue, names: Names) -> str:
    return coded(code, names.sectors, _) if code else formats.NOTHING


def department(code: str | None) -> str:
    return department_name(code) or formats.NOTHING


def coded(code: str, known: Mapping[str, Coded], _: Tongue) -> str:
    """What a call called one of its codes."""
    if code not in known:
        return readable(code)
    words = known[code]
    return words.en if _.language == "en" and words.en else words.fr


def readable(code: str) -> str:
    """A code nobody gave words for: « agriculture-bio » is « Agriculture bio »."""
    return code.replace("-", " ").capitalize() if code.islower() else code

"""What a consortium file may say: the form of an entry, and what none may say beside the others."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Literal

from essaim_contracts.fact import TYPE_PATTERN, all_facts
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from essaim.broker.topology import OPERATOR, SYSTEM, follower, rebuilder
from essaim.consortium.durations import wrong_durations
from essaim.consortium.partners import ALL_OF_HER, Directory, Seen, Stage, is_forgetting
from essaim.person import Role
from essaim.refusal import Refusal
from essaim.service import Service
from essaim.text.file_errors import Path as Place
from essaim.text.file_values import Day, Whole, YesNo
from essaim.text.written import ONE_LINE

EVERYTHING = "everything"
EVERYONE = "everyone"
Wrong = tuple[Place, Refusal]
"""Where, and what is wrong there."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=300), ONE_LINE]
# One word may stand for all, in the place of a list.
Names = Annotated[
    tuple[Text, ...],
    BeforeValidator(lambda value: (value,) if value in (EVERYTHING, EVERYONE) else value),
]

Slug = Annotated[str, StringConstraints(pattern="^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Sights = Annotated[
    tuple[Seen, ...],
    BeforeValidator(lambda value: tuple(Seen) if value == EVERYTHING else value),
    Field(min_length=1),
]
Programmes = Annotated[tuple[Slug, ...], Field(min_length=1)] | None
"""Left out: all."""
Key = Annotated[str, StringConstraints(pattern="^U[A-Z2-7]{55}$")]
"""The public key of a NATS user."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BothTexts(_Model):
    fr: Text
    en: Text


class LinkEntry(_Model):
    """A page of the menu."""

    stage: Stage
    label: BothTexts
    path: Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9/_.~-]*$", max_length=300)]
    roles: tuple[Role, ...] = ()


class Entry(_Model):
    """A partner. Nothing is allowed to it that its entry or its service does not say."""

    organisation: Text
    service: Annotated[str, StringConstraints(pattern="^[a-z]+$", max_length=30)]
    title: BothTexts
    purpose: BothTexts
    pages: Annotated[str, StringConstraints(pattern=r"^(/[a-z]|https?://)\S*$")] | None = None
    directory: Directory = Directory.NONE
    says: Names
    hears: Names
    asks: Names = ()
    sees: Sights | None = None
    """Left out by who reads the directory: everything."""
    programmes: Programmes = None
    key: Key | None = None
    revoked: Day | None = None
    links: tuple[LinkEntry, ...] = ()

    @property
    def seen(self) -> frozenset[Seen]:
        """What the directory tells it of a person."""
        if self.directory == Directory.NONE:
            return frozenset()
        return ALL_OF_HER if self.sees is None else frozenset(self.sees)


class ReaderEntry(_Model):
    """Somebody who reads facts, and says nothing."""

    name: Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=30)]
    organisation: Text
    reads: Annotated[Names, Field(min_length=1)]
    """Without any, its consumer would bring everything."""
    programmes: Programmes = None
    one_at_a_time: YesNo = False
    key: Key | None = None
    revoked: Day | None = None


class ProviderEntry(_Model):
    """Where people of a partner sign in with OpenID Connect."""

    name: Slug = Field(max_length=30)
    organisation: Text
    title: Text
    issuer: Annotated[
        str, StringConstraints(pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])\S+$")
    ]
    client_id: Text
    speaks_for: Annotated[Names, Field(min_length=1)]
    scopes: Annotated[tuple[Text, ...], Field(min_length=1)] = ("openid", "email")
    acr_values: Text | None = None
    vouches: YesNo = False


class Entries(_Model):
    format: Literal["essaim-consortium/1"]
    name: Text
    partners: Annotated[tuple[Entry, ...], Field(min_length=1)]
    readers: tuple[ReaderEntry, ...] = ()
    sign_in_with: tuple[ProviderEntry, ...] = ()
    retention: dict[str, Annotated[Whole, Field(ge=1, le=1200)]] = {}
    """Months, by a service's name, a dot and the code of one of its rules."""


def contradictions(entries: Entries, services: Mapping[str, Service]) -> Iterator[Wrong]:
    """What an entry may not say beside the others."""
    names = [entry.service for entry in entries.partners]
    keepers = [entry.service for entry in entries.partners if entry.directory == Directory.KEEPS]
    if not keepers:
        yield ("partners",), _no_keeper()
    for number, entry in enumerate(entries.partners):
        at: Place = ("partners", number)
        if entry.service in (OPERATOR, SYSTEM, *names[:number]):
            yield (*at, "service"), _name_taken(entry.service)
        if entry.directory == Directory.KEEPS and entry.service != keepers[0]:
            yield (*at, "directory"), _second_keeper(entry, keepers[0])
        for where, why in _wrong_directory(entry, services.get(entry.service)):
            yield (*at, *where), why
        if entry.key and entry.pages and entry.pages.startswith("/"):
            yield (*at, "pages"), _pages_not_elsewhere(entry)
        for where, why in _wrong_names(entry, entries):
            yield (*at, *where), why
    yield from _wrong_readers(entries)
    yield from _wrong_keys(entries)
    yield from _wrong_providers(entries)
    for name, why in wrong_durations(entries.retention, names, services):
        yield ("retention", name), why


def _wrong_readers(entries: Entries) -> Iterator[Wrong]:
    taken = {OPERATOR, SYSTEM, *(entry.service for entry in entries.partners)}
    # The consumers of the services are called so.
    for entry in entries.partners:
        taken |= {rebuilder(entry.service), follower(entry.service)}
    types = _known_types(entries)
    for number, reader in enumerate(entries.readers):
        at: Place = ("readers", number)
        if reader.name in taken:
            yield (*at, "name"), _name_taken(reader.name)
        taken.add(reader.name)
        if not (reader.key or reader.revoked):
            yield at, _reader_without_key()
        for where, type in enumerate(reader.reads):
            if type not in types and type != EVERYTHING:
                yield (*at, "reads", where), _unknown_type(type, types)


def _wrong_keys(entries: Entries) -> Iterator[Wrong]:
    held: list[tuple[Place, Entry | ReaderEntry]] = [
        *((("partners", number), one) for number, one in enumerate(entries.partners)),
        *((("readers", number), one) for number, one in enumerate(entries.readers)),
    ]
    seen: set[str] = set()
    for at, one in held:
        if one.key is None:
            continue
        if one.key in seen:
            yield (*at, "key"), _key_taken(one.key)
        seen.add(one.key)


def _wrong_providers(entries: Entries) -> Iterator[Wrong]:
    organisations = sorted({entry.organisation for entry in entries.partners})
    taken: set[str] = set()
    for number, provider in enumerate(entries.sign_in_with):
        at: Place = ("sign_in_with", number)
        if provider.name in taken:
            yield (*at, "name"), _name_taken(provider.name)
        taken.add(provider.name)
        if provider.organisation not in organisations:
            why = _unknown_organisation(provider.organisation, organisations)
            yield (*at, "organisation"), why
        if "openid" not in provider.scopes:
            yield (*at, "scopes"), _scope_missing()


def directory_of(service: Service) -> Directory:
    """What an installed service's code does with the directory."""
    return Directory.KEEPS if service.keeps_directory else Directory.READS


def _wrong_directory(entry: Entry, service: Service | None) -> Iterator[Wrong]:
    if service is not None and entry.directory != directory_of(service):
        yield ("directory",), _unlike_its_code(entry, directory_of(service))
    if entry.directory == Directory.READS and not any(map(is_forgetting, entry.says)):
        yield ("directory",), _never_forgets(entry)
    if entry.directory == Directory.KEEPS and entry.programmes is not None:
        yield ("programmes",), _keeps_some(entry)
    if entry.sees is not None and entry.directory != Directory.READS:
        yield ("sees",), _sees_unread(entry)


def _wrong_names(entry: Entry, entries: Entries) -> Iterator[Wrong]:
    names = [other.service for other in entries.partners]
    types = _known_types(entries)
    for number, type in enumerate(entry.says):
        match = TYPE_PATTERN.fullmatch(type)
        if match is None or match.group(1) != entry.service:
            yield ("says", number), _not_its_own(entry, type)
    for number, type in enumerate(entry.hears):
        if type not in types and type != EVERYTHING:
            yield ("hears", number), _unknown_type(type, types)
    for number, asked in enumerate(entry.asks):
        if asked not in names and asked != EVERYONE:
            yield ("asks", number), _unknown_service(asked, names)


def _known_types(entries: Entries) -> set[str]:
    return {fact.type for fact in all_facts()}.union(*(one.says for one in entries.partners))


def _no_keeper() -> Refusal:
    return Refusal(
        "no_directory_keeper",
        "Personne ne tient l’annuaire des personnes. Écrivez « directory: keeps » chez le "
        "partenaire qui le tient.",
    )


def _name_taken(name: str) -> Refusal:
    return Refusal(
        "service_taken",
        "Le nom « {service} » est déjà pris : chaque partenaire a un service à lui. "
        "Choisissez un autre nom.",
        service=name,
    )


def _pages_not_elsewhere(entry: Entry) -> Refusal:
    return Refusal(
        "pages_not_elsewhere",
        "« {service} » tourne ailleurs, et ses pages aussi : donnez leur adresse entière, "
        "« pages: https://… », au lieu de {pages}.",
        service=entry.service,
        pages=entry.pages,
    )


def _key_taken(key: str) -> Refusal:
    return Refusal(
        "key_taken",
        "La clé {key} est celle d’un autre : chacun a la sienne. Faites-en une avec "
        "« essaim partner rotate ».",
        key=key,
    )


def _reader_without_key() -> Refusal:
    return Refusal(
        "reader_without_key",
        "Il manque « key », la clé publique de ce lecteur. « essaim partner add » l’écrit.",
    )


def _unknown_organisation(name: str, names: Sequence[str]) -> Refusal:
    return Refusal(
        "unknown_organisation",
        "« {name} » n’est l’organisation d’aucun partenaire. Écrivez par exemple {close}.",
        name=name,
        close=_closest(name, names),
    )


def _scope_missing() -> Refusal:
    return Refusal(
        "openid_scope_missing",
        "« scopes » doit contenir « openid », sans quoi le fournisseur ne dit pas qui se connecte. "
        "Ajoutez-le.",
    )


def _second_keeper(entry: Entry, keeper: str) -> Refusal:
    return Refusal(
        "two_directory_keepers",
        "« {service} » ne peut pas tenir aussi l’annuaire, que « {keeper} » tient. "
        "Écrivez « directory: reads ».",
        service=entry.service,
        keeper=keeper,
    )


def _unlike_its_code(entry: Entry, own: Directory) -> Refusal:
    return Refusal(
        "directory_unlike_code",
        "Le service « {service} » installé ici est fait pour « directory: {own} ». Écrivez cela, "
        "ou enlevez la ligne.",
        service=entry.service,
        own=own.value,
    )


def _never_forgets(entry: Entry) -> Refusal:
    return Refusal(
        "never_forgets",
        "« {service} » lit l’annuaire et ne confirme pas qu’il efface une personne. Ajoutez "
        "essaim.{service}.person.forgotten.v1 à « says », ou écrivez « directory: none ».",
        service=entry.service,
    )


def _keeps_some(entry: Entry) -> Refusal:
    return Refusal(
        "keeper_of_some_programmes",
        "« {service} » tient l’annuaire de toutes les personnes, et ne peut pas se limiter à "
        "quelques programmes. Enlevez la ligne.",
        service=entry.service,
    )


def _sees_unread(entry: Entry) -> Refusal:
    return Refusal(
        "sees_without_reading",
        "« sees » dit ce qu’un service lit de chaque personne avec « directory: reads ». "
        "« {service} » a « directory: {own} » : changez l’une des deux lignes.",
        service=entry.service,
        own=entry.directory.value,
    )


def _not_its_own(entry: Entry, type: str) -> Refusal:
    return Refusal(
        "not_its_own_fact",
        "« {service} » ne peut pas dire « {type} ». Écrivez un type à son nom : "
        "essaim.{service}.<entité>.<fait>.v1.",
        service=entry.service,
        type=type,
    )


def _unknown_type(type: str, types: set[str]) -> Refusal:
    return Refusal(
        "unknown_fact_type",
        "Aucun partenaire ne dit « {type} ». Écrivez par exemple {close}.",
        type=type,
        close=_closest(type, types),
    )


def _unknown_service(asked: str, names: Sequence[str]) -> Refusal:
    return Refusal(
        "unknown_service",
        "« {asked} » n’est le service d’aucun partenaire. Écrivez par exemple {close}.",
        asked=asked,
        close=_closest(asked, names),
    )


def _closest(name: str, names: Collection[str]) -> str:
    """The one that was probably meant; people write the middle of a type for all of it."""
    for one in sorted(names):
        if f".{name}." in one:
            return one
    return get_close_matches(name, sorted(names), 1, 0)[0]

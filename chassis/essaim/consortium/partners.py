"""Who takes part, and what each partner may do: what the broker, pages and erasures derive from.

`file.py` reads it from a file; without one it is made of the installed services.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from essaim_contracts.fact import TYPE_PATTERN
from essaim_contracts.words import Words


class Directory(StrEnum):
    """What a partner may do with the people directory."""

    KEEPS = "keeps"
    READS = "reads"
    NONE = "none"


class Seen(StrEnum):
    """What a partner may be told of a person, beside her id."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    LANGUAGE = "language"
    ROLES = "roles"


ALL_OF_HER = frozenset(Seen)


class Stage(StrEnum):
    """A part of an edition, in the order of the year: people find pages by it."""

    CALL = "call"
    SELECTION = "selection"
    COHORT = "cohort"
    CALENDAR = "calendar"
    MESSAGES = "messages"
    REPORT = "report"
    OPERATION = "operation"


@dataclass(frozen=True)
class Link:
    """A page that the menu leads to: `path` lies below the service.

    Shown to who holds one of these `roles`, to everybody when there are none.
    """

    stage: Stage
    label: Words
    path: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Partner:
    """An organisation and the service it runs.

    `service` is also the owner of its facts, its NATS user and its consumer. `pages` is an address
    people may follow, absolute where the service has a host of its own; None without pages.
    """

    service: str
    organisation: str
    title: Words
    purpose: Words
    pages: str | None
    directory: Directory
    says: frozenset[str]
    """Types of its facts."""
    hears: frozenset[str] | None
    """Types of the facts its consumer brings; None for all."""
    asks: frozenset[str] | None
    """The services whose questions it may ask; None for all."""
    sees: frozenset[Seen] = frozenset()
    """What the directory tells it of a person."""
    programmes: frozenset[str] | None = None
    """The programmes whose facts and people it is told of; None for all."""
    key: str | None = None
    """The public key it signs on to the broker with; None where its seed was made beside the
    broker, for a service that runs there."""
    revoked: date | None = None
    """Since when its user is refused; what it said and was told stays."""
    links: tuple[Link, ...] = ()
    """What the menu of every service shows of its pages; of none, `pages` under its title."""
    may_hear_again: bool = field(default=True, compare=False)
    """Whether its code can be told a fact twice; known where it is installed."""

    @property
    def rebuilds(self) -> bool:
        """Whether it may read the whole stream again beside what it hears."""
        return self.hears is None and self.may_hear_again

    @property
    def name(self) -> str:
        """Of its user at the broker, its account and its consumer."""
        return self.service

    @property
    def host(self) -> str:
        """`https://…` where its pages lie on a host of its own, else nothing."""
        return "/".join(self.pages.split("/")[:3]) if self.pages and self.has_own_host else ""

    @property
    def root(self) -> str:
        """Where its service answers: its signing in, its API. Relative on the common host."""
        return f"{self.host}/{self.service}"

    def root_at(self, public_url: str) -> str:
        """The same with its host; `public_url` is the common one's."""
        return self.root if self.host else f"{public_url.rstrip('/')}{self.root}"

    @property
    def knows_people(self) -> bool:
        """Whether people may sign in there: it shows pages, and follows the directory."""
        return self.pages is not None and self.directory != Directory.NONE

    @property
    def has_own_host(self) -> bool:
        """Whether its pages lie on another host than the others'."""
        return self.pages is not None and not self.pages.startswith("/")

    @property
    def confirms_erasure(self) -> bool:
        """Whether it holds something about people, and says that it forgot a person."""
        return any(is_forgetting(type) for type in self.says)


@dataclass(frozen=True)
class Reader:
    """Somebody who reads facts, and says nothing.

    `name` is also its NATS user, its account and its consumer.
    """

    name: str
    organisation: str
    reads: frozenset[str] | None
    """Types of the facts its consumer brings; None for all."""
    programmes: frozenset[str] | None
    """Whose facts these are; None for all."""
    one_at_a_time: bool
    """Whether its consumer hands out a fact only when the one before is acknowledged."""
    key: str | None
    """The public key it signs on to the broker with."""
    revoked: date | None = None


@dataclass(frozen=True)
class Provider:
    """Where an organisation's people sign in with OpenID Connect, beside the mailed link.

    `title` is what people call it. An address that it says is believed of its `domains` alone:
    otherwise whoever runs it would be anybody here.
    """

    name: str
    organisation: str
    title: str
    issuer: str
    client_id: str
    domains: frozenset[str] | None
    """The domains of the addresses it speaks for; None for all."""
    scopes: tuple[str, ...]
    acr_values: str | None
    vouches: bool
    """Whether it has verified every address it gives, and does not say so each time."""

    def speaks_for(self, email: str) -> bool:
        return self.domains is None or email.rpartition("@")[2].lower() in self.domains


@dataclass(frozen=True)
class Consortium:
    """`partners` are in the order in which pages show them."""

    name: str
    partners: tuple[Partner, ...]
    readers: tuple[Reader, ...] = ()
    providers: tuple[Provider, ...] = ()
    retention: Mapping[str, int] = field(default_factory=dict)
    """How many months a kind of data is kept, by `service.rule`, where the rule is changed."""

    def durations_of(self, service: str) -> dict[str, int]:
        """The same for one service, by the code of its rule."""
        named = ((name.partition("."), months) for name, months in self.retention.items())
        return {code: months for (owner, _, code), months in named if owner == service}

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(partner.service for partner in self.partners)

    @property
    def titles(self) -> dict[str, Words]:
        """What each partner's service is called, by its name."""
        return {partner.service: partner.title for partner in self.partners}

    def heard_by(self, partner: Partner) -> frozenset[str] | None:
        """The types its consumer brings; to the keeper of the directory every confirmation too."""
        if partner.hears is None or partner.directory != Directory.KEEPS:
            return partner.hears
        return partner.hears | frozenset(filter(is_forgetting, self.said))

    @property
    def confirming_erasure(self) -> tuple[str, ...]:
        """The services that must confirm that they erased a person."""
        return tuple(partner.service for partner in self.partners if partner.confirms_erasure)

    @property
    def keeper(self) -> str:
        """The service that keeps the people directory.

        Raises:
            NoKeeper: nobody does.
        """
        return self.keeping.service

    @property
    def keeping(self) -> Partner:
        """The partner that keeps the people directory.

        Raises:
            NoKeeper: nobody does.
        """
        for partner in self.partners:
            if partner.directory == Directory.KEEPS:
                return partner
        raise NoKeeper(self)

    @property
    def said(self) -> frozenset[str]:
        """The types of facts that somebody may say; whose each is, its name says."""
        return frozenset().union(*(one.says for one in self.partners))

    def needed_by(self, service: str) -> tuple[Partner, ...]:
        """The other partners whose facts a service hears, or whom it asks something."""
        ours = self.find(service)
        if ours is None:
            return ()
        hears, asks = ours.hears, ours.asks
        return tuple(
            one
            for one in self.partners
            if one is not ours
            and one.revoked is None
            and (hears is None or asks is None or one.says & hears or one.service in asks)
        )

    @property
    def told_of_people(self) -> tuple[Partner, ...]:
        """The partners to whom the directory tells something of people."""
        reading = (one for one in self.partners if one.directory == Directory.READS)
        return tuple(one for one in reading if one.revoked is None)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of its own that each partner has, in their order."""
        return tuple(dict.fromkeys(one.host for one in self.partners if one.host))

    def find(self, service: str) -> Partner | None:
        return next((one for one in self.partners if one.service == service), None)

    @property
    def everybody(self) -> tuple[Partner | Reader, ...]:
        return (*self.partners, *self.readers)

    def find_anybody(self, name: str) -> Partner | Reader | None:
        return next((one for one in self.everybody if one.name == name), None)

    @property
    def here(self) -> tuple[str, ...]:
        """The services whose seeds are made beside the broker, as they run there."""
        return tuple(one.service for one in self.partners if not (one.key or one.revoked))


class NoKeeper(Exception):
    def __init__(self, consortium: Consortium) -> None:
        super().__init__(
            f"No partner of {consortium.name} keeps the people directory "
            f"({', '.join(consortium.services) or 'there is no partner'}). Name the file of the "
            "whole consortium with ESSAIM_CONSORTIUM."
        )


def is_forgetting(type: str) -> bool:
    """Whether facts of this type confirm an erasure: `essaim.<owner>.person.forgotten.v1`."""
    match = TYPE_PATTERN.fullmatch(type)
    return match is not None and match.group(2, 3, 4) == ("person", "forgotten", "1")

"""A webhook: an address of somebody without NATS, what it is told of, its secrets and its end."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from essaim.refusal import Refusal
from essaim_contracts.candidatures import PersonErased

from notifications.message import Template
from notifications.notice import Notice

TEST_TYPE = "webhook.test"
"""What a test says it is: no fact of anybody's."""

SECRET_BYTES = 32
OVERLAP = timedelta(hours=24)
"""How long the old secret signs beside the new one, unless somebody says otherwise."""
LONGEST_OVERLAP_HOURS = 24 * 7
MOST_SECRETS = 5
"""So many sign at once: a signature each, in one header."""


class WebhookState(StrEnum):
    """Whether deliveries leave."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class DisableReason(StrEnum):
    """Why no delivery leaves any more."""

    BY_HAND = "by_hand"
    GONE = "gone"
    """It answered 410: it wants no more."""
    FAILING = "failing"
    """Nothing was taken there for three days."""


@dataclass(frozen=True)
class NotedFact:
    """The envelope of a fact: what a webhook says of it. `seq` is its place in the stream."""

    source: str
    id: str
    type: str
    programme: str
    key: str
    told_at: datetime
    seq: int

    @property
    def identity(self) -> str:
        return f"{self.source}/{self.id}"


@dataclass(frozen=True)
class Webhook:
    """An address that is told of facts.

    `programme` is the slug of the one whose facts it is told, None for all; `types` those it is
    told, None for all, those to come too. The instants are real time: nothing was taken since
    `failing_since`, nothing leaves before `paused_until`; `warned_at` is when
    people were told that it will soon be disabled. `misses` counts how often in a row it
    could not be reached; `trouble` is what the last failed try met.
    """

    id: UUID
    name: str
    url: str
    programme: str | None
    types: tuple[str, ...] | None
    state: WebhookState
    made_by: UUID | None
    made_at: datetime
    reason: DisableReason | None = None
    disabled_at: datetime | None = None
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    warned_at: datetime | None = None
    misses: int = 0

    @property
    def is_enabled(self) -> bool:
        return self.state == WebhookState.ENABLED

    @property
    def is_stopped(self) -> bool:
        """Whether it was disabled though nobody here did."""
        return not self.is_enabled and self.reason != DisableReason.BY_HAND

    def wants(self, fact: NotedFact) -> bool:
        """Whether it is told of this fact; that a person was erased concerns every programme."""
        if self.types is not None and fact.type not in self.types:
            return False
        here = self.programme is None or fact.programme == self.programme
        return here or fact.type == PersonErased.type


def near_its_end(webhook: Webhook, ends_at: datetime, readers: Iterable[UUID]) -> list[Notice]:
    """Tell people that it takes nothing, and when it will be disabled."""
    details = _called(webhook) | {"ends_at": ends_at.isoformat()}
    return [Notice(one, Template.WEBHOOK_FAILING, webhook.id, details) for one in readers]


def at_its_end(webhook: Webhook, reason: DisableReason, readers: Iterable[UUID]) -> list[Notice]:
    """Tell people that it was disabled, and what to do."""
    details = _called(webhook) | {"reason": reason.value}
    return [Notice(one, Template.WEBHOOK_STOPPED, webhook.id, details) for one in readers]


def _called(webhook: Webhook) -> dict[str, Any]:
    """Not its whole address: there may be a password in it."""
    page = ["notifications", f"webhooks/{webhook.id}"]
    return {"webhook": webhook.name, "host": urlsplit(webhook.url).hostname, "page": page}


_CALLED = {
    "webhook": "Carte des projets",
    "host": "carte.exemple.fr",
    "page": ["notifications", ""],
    "programme_name": "Prémices.coop",
}

SAMPLES: dict[Template, dict[str, dict[str, Any]]] = {
    Template.WEBHOOK_FAILING: {"": _CALLED | {"ends_at": "2020-02-05T09:30:00+01:00"}},
    Template.WEBHOOK_STOPPED: {
        "gone": _CALLED | {"reason": DisableReason.GONE},
        "failing": _CALLED | {"reason": DisableReason.FAILING},
    },
}
"""What each letter looks like, with invented values: by template and case."""


@dataclass(frozen=True, repr=False)
class Secret:
    """What signs, closed (see `webhook_secret`). `until` None for the one in use."""

    id: UUID
    closed: str
    until: datetime | None = None


def written_secret(random: bytes) -> str:
    """A secret as Standard Webhooks writes it."""
    return f"whsec_{b64encode(random).decode()}"


def delivery_id(webhook_id: UUID, fact: NotedFact) -> UUID:
    """The `webhook-id`: the same however often this fact is delivered there."""
    return uuid5(webhook_id, fact.identity)


def overlap_of(hours: int | None) -> timedelta:
    """For how long the old secret signs too.

    Raises:
        Refusal: that is less than no time, or more than a week.
    """
    if hours is None:
        return OVERLAP
    if not 0 <= hours <= LONGEST_OVERLAP_HOURS:
        raise Refusal(
            "overlap_length",
            "L’ancien secret peut servir encore de 0 à {longest} heures, pas {hours}.",
            field="overlap_hours",
            status=422,
            longest=LONGEST_OVERLAP_HOURS,
            hours=hours,
        )
    return timedelta(hours=hours)


def check_secrets(valid: Sequence[Secret]) -> None:
    """See that another secret may be made.

    Raises:
        Refusal: as many as may sign do.
    """
    if len(valid) >= MOST_SECRETS:
        raise Refusal(
            "too_many_secrets",
            "{count} secrets signent déjà ensemble. Attendez que les anciens expirent, ou "
            "remplacez le secret sans délai (0 heure).",
            count=len(valid),
        )


def unknown_webhook() -> Refusal:
    return Refusal("unknown_webhook", "Ce webhook n’existe pas.", status=404)


def webhook_disabled() -> Refusal:
    return Refusal(
        "webhook_disabled",
        "Ce webhook est désactivé : rien n’y part. Réactivez-le d’abord.",
    )


def too_many_webhooks(most: int) -> Refusal:
    return Refusal(
        "too_many_webhooks",
        "Il y a déjà {most} webhooks pour ce programme. Supprimez ceux qui ne servent plus.",
        most=most,
    )


def too_many_facts(most: int) -> Refusal:
    return Refusal(
        "too_many_facts",
        "Plus de {most} faits ont été dits depuis cette date. Choisissez une date plus récente.",
        field="since",
        status=422,
        most=most,
    )


def no_type_chosen() -> Refusal:
    return Refusal(
        "no_type_chosen",
        "Choisissez au moins un fait, ou « De tout, et de ce qui viendra ».",
        field="types",
        status=422,
    )


def unknown_programme(programme: str) -> Refusal:
    return Refusal(
        "unknown_programme",
        "Rien n’a encore été dit du programme « {programme} ». Vérifiez son nom court.",
        field="programme",
        status=422,
        programme=programme,
    )

"""An address that asked to be told when the next call of a programme opens, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from essaim import Refusal

PROVED_WITHIN = timedelta(days=1)
"""How long an address that nobody proved is kept."""


@dataclass(frozen=True)
class CallWatch:
    """`proved_at` is when the link that was mailed to it was opened and confirmed."""

    id: UUID
    programme: str
    email: str
    language: str
    asked_at: datetime
    proved_at: datetime | None = None


# --- refusals


def watch_ended() -> Refusal:
    return Refusal(
        "watch_ended",
        "Ce lien n’ouvre plus rien : l’adresse n’est plus gardée, ou l’appel est ouvert et le "
        "courriel est parti.",
        status=410,
    )


def too_many_watches() -> Refusal:
    return Refusal(
        "too_many_watches",
        "Assez de courriels sont déjà partis à cette adresse ou depuis cette connexion : aucun "
        "autre ne part pour l’instant. Le dernier lien reçu sert toujours.",
        status=429,
    )


def watch_not_sent() -> Refusal:
    return Refusal(
        "watch_not_sent",
        "Le courriel n’a pas pu partir : votre adresse n’est pas gardée. Réessayez plus tard.",
        status=503,
    )

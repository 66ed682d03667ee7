"""A message between whoever applied and the coordination, on the page of an application."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from essaim import Refusal

from candidatures.application import Application, ApplicationState

MOST = 4000
"""Characters."""


@dataclass(frozen=True)
class Note:
    """`by_bearer` is who wrote it: she who applied, or the coordination to her. `read_at` is when
    the other side first saw it."""

    id: UUID
    application_id: UUID
    by_bearer: bool
    text: str
    left_at: datetime
    author_id: UUID | None = None
    read_at: datetime | None = None


def refuse_note(application: Application, text: str) -> None:
    """
    Raises:
        Refusal: (422) nothing is written, or too much; nobody sent this.
    """
    if application.state == ApplicationState.DRAFT or application.bearer_id is None:
        raise nobody_to_write_to()
    if not text:
        raise nothing_written()
    if len(text) > MOST:
        raise note_too_long(text)


# --- refusals


def nobody_to_write_to() -> Refusal:
    return Refusal(
        "nobody_to_write_to",
        "Ce brouillon n’est pas envoyé : il n’a pas encore de page où écrire.",
    )


def nothing_written() -> Refusal:
    return Refusal("nothing_written", "Écrivez d’abord votre message.", field="text", status=422)


def note_too_long(text: str) -> Refusal:
    return Refusal(
        "note_too_long",
        "Ce message a {count} caractères, au plus {most} sont acceptés. Raccourcissez-le.",
        field="text",
        status=422,
        count=len(text),
        most=MOST,
    )

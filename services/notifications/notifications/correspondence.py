"""Who is told what of a hand-over, of a completion, and of a message left on an application."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from essaim_contracts.correspondence import ApplicationCorrected, CorrectionAsked, NoteLeft
from essaim_contracts.handover import (
    HandoverAccepted,
    HandoverDeclined,
    HandoverOffered,
    HandoverParty,
    HandoverProposed,
)

from notifications.message import Template, page_of_programme
from notifications.notice import Application, Notice, page_of_application


def agreement_asked(asked: HandoverProposed, application: Application) -> Notice:
    details = _about(application) | {
        "to_title": asked.to_title,
        "answer_by": asked.open_until.isoformat(),
        "page": page_of_application(application.id),
    }
    return Notice(asked.bearer_id, Template.HANDOVER_PROPOSED, application.id, details)


def to_take_over(
    offered: HandoverOffered, application: Application, readers: Iterable[UUID]
) -> list[Notice]:
    """For those who coordinate the programme that is asked."""
    details = {
        "project_title": application.project_title,
        "call_title": application.call_title,
        "to_title": offered.to_title,
        "answer_by": offered.open_until.isoformat(),
        "page": ["candidatures", f"handovers/{offered.handover_id}"],
    }
    about = (Template.HANDOVER_OFFERED, offered.handover_id)
    return [Notice(reader, *about, details) for reader in readers]


def taken_over(
    accepted: HandoverAccepted,
    application: Application,
    made: Application | None,
    givers: Iterable[UUID],
) -> list[Notice]:
    """Its bearer, and who had handed it over. `made` is what it became in the receiving call."""
    page = accepted.to_application_id or accepted.application_id
    details = _about(application) | {
        "to_title": accepted.to_title,
        "taken": True,
        "to_number": made.number if made else None,
        "by": HandoverParty.RECEIVER.value,
    }
    hers = details | {"reader": "bearer", "page": page_of_application(page)}
    theirs = details | {"reader": "giver", "page": page_of_application(accepted.application_id)}
    about = (Template.HANDOVER_ANSWERED, accepted.handover_id)
    return [
        Notice(accepted.bearer_id, *about, hers),
        *(Notice(giver, *about, theirs) for giver in givers),
    ]


def not_taken_over(
    declined: HandoverDeclined, application: Application, givers: Iterable[UUID]
) -> list[Notice]:
    """Who did not end it herself, of its bearer and of who had handed it over.

    Its bearer knows nothing of one that was taken back before she answered: her letter is taken
    back too.
    """
    details = _about(application) | {
        "to_title": declined.to_title,
        "taken": False,
        "to_number": None,
        "by": declined.by.value,
        "page": page_of_application(application.id),
    }
    about = (Template.HANDOVER_ANSWERED, declined.handover_id)
    told = []
    if declined.by == HandoverParty.RECEIVER:
        told.append(Notice(declined.bearer_id, *about, details | {"reader": "bearer"}))
    if declined.by != HandoverParty.GIVER:
        told += [Notice(giver, *about, details | {"reader": "giver"}) for giver in givers]
    return told


def completion_asked(asked: CorrectionAsked, application: Application) -> Notice:
    details = _about(application) | {
        "points": asked.points,
        "reminder": asked.nth > 1,
        "open_until": asked.open_until.isoformat(),
        "page": page_of_application(application.id),
    }
    return Notice(asked.bearer_id, Template.CORRECTION_ASKED, application.id, details)


def completion_received(corrected: ApplicationCorrected, application: Application) -> Notice:
    details = _about(application) | {
        "corrected_at": corrected.corrected_at.isoformat(),
        "page": page_of_application(application.id),
    }
    return Notice(corrected.bearer_id, Template.APPLICATION_CORRECTED, application.id, details)


def note_left(left: NoteLeft, application: Application) -> Notice:
    """That there is one, and where: what it says is read there, by whoever signed in."""
    details = _about(application) | {"page": page_of_application(application.id)}
    return Notice(left.bearer_id, Template.NOTE_LEFT, application.id, details)


def _about(application: Application) -> dict[str, Any]:
    return {
        "number": application.number,
        "project_title": application.project_title,
        "call_title": application.call_title,
    }


# --- what each text looks like, with invented values

_APPLICATION: dict[str, Any] = {
    "number": "PREM-2020-042",
    "project_title": "L’Épicerie des Cîmes",
    "call_title": "Prémices 2020 : entreprendre en coopérative",
    "programme_name": "Prémices.coop",
    "programme_page": page_of_programme("premices"),
    "page": ["candidatures", ""],
}
_ANSWERED = _APPLICATION | {
    "to_title": "Appel Starter 2020",
    "taken": True,
    "to_number": "START-2020-0001",
    "by": "receiver",
    "reader": "bearer",
}

SAMPLES: dict[Template, dict[str, dict[str, Any]]] = {
    Template.HANDOVER_PROPOSED: {
        "": _APPLICATION | {"to_title": "Appel Starter 2020", "answer_by": "2020-03-01"},
    },
    Template.HANDOVER_OFFERED: {
        "": _APPLICATION | {"to_title": "Appel Starter 2020", "answer_by": "2020-03-01"},
    },
    Template.HANDOVER_ANSWERED: {
        "bearer": _ANSWERED,
        "giver": _ANSWERED | {"reader": "giver", "taken": False, "to_number": None},
    },
    Template.CORRECTION_ASKED: {
        "asked": _APPLICATION | {"points": 2, "reminder": False, "open_until": "2020-02-10"},
        "reminded": _APPLICATION | {"points": 1, "reminder": True, "open_until": "2020-02-10"},
    },
    Template.APPLICATION_CORRECTED: {
        "": _APPLICATION | {"corrected_at": "2020-02-08T09:30:00+01:00"},
    },
    Template.NOTE_LEFT: {"": _APPLICATION},
}

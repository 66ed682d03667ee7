"""Who is told what of the files that projects owe: received, read, late."""

from typing import Any
from uuid import UUID

from essaim_contracts.candidatures import DeliverableHandedIn
from essaim_contracts.cohort import DeliverableReminded, DeliverableReviewed
from essaim_contracts.words import DELIVERABLE_KINDS

from notifications.message import Template, page_of_programme
from notifications.notice import Notice, Project


def receipts(handed: DeliverableHandedIn, project: Project) -> list[Notice]:
    """So that those who carry it have in writing that it is handed in, and when."""
    details = {
        "project_title": project.title,
        "version": handed.version,
        "handed_in_at": handed.handed_in_at.isoformat(),
        "page": _page_of(project.id),
    }
    return _to_bearers(project, Template.FILE_RECEIVED, handed.deliverable_id, handed.kind, details)


def reviews(reviewed: DeliverableReviewed, project: Project) -> list[Notice]:
    """It is accepted, or what to correct and until when; what was written of it is on its page."""
    details = {
        "project_title": project.title,
        "version": reviewed.version,
        "verdict": reviewed.verdict.value,
        "sections": [{"fr": one.fr, "en": one.en or one.fr} for one in reviewed.sections],
        "correct_by": reviewed.correct_by.isoformat() if reviewed.correct_by else None,
        "page": _page_of(project.id),
    }
    about = reviewed.deliverable_id
    return _to_bearers(project, Template.FILE_REVIEWED, about, reviewed.kind, details)


def reminders(reminded: DeliverableReminded, project: Project) -> list[Notice]:
    """Only a project that is late is reminded."""
    details = {
        "project_title": project.title,
        "due_on": reminded.due_on.isoformat(),
        "to_correct": reminded.to_correct,
        "page": _page_of(project.id),
    }
    about = reminded.deliverable_id
    return _to_bearers(project, Template.FILE_LATE, about, reminded.kind, details)


def _to_bearers(
    project: Project, template: Template, about: UUID, kind: str, details: dict[str, Any]
) -> list[Notice]:
    words = DELIVERABLE_KINDS[kind]
    said = {"what": {"fr": words.fr, "en": words.en}} | details
    return [Notice(one, template, about, said) for one in dict.fromkeys(project.bearer_ids)]


def _page_of(project_id: UUID) -> list[str]:
    """Where its files are, for whoever signs in."""
    return ["candidatures", f"projects/{project_id}"]


# --- what each text looks like, with invented values

_FILE: dict[str, Any] = {
    "programme_name": "Prémices.coop",
    "programme_page": page_of_programme("premices"),
    "what": {"fr": "dossier final", "en": "final file"},
    "project_title": "L’Épicerie des Cîmes",
    "page": ["candidatures", "projects/01900000-0000-7000-8000-000000000002"],
}
_READ = _FILE | {"version": 1, "sections": [], "correct_by": None}

SAMPLES: dict[Template, dict[str, dict[str, Any]]] = {
    Template.FILE_RECEIVED: {
        "": _FILE | {"version": 1, "handed_in_at": "2020-12-12T18:02:00+01:00"},
    },
    Template.FILE_REVIEWED: {
        "accepted": _READ | {"verdict": "accepted"},
        "to_correct": _READ
        | {
            "verdict": "to_correct",
            "sections": [{"fr": "Plan de financement", "en": "Funding plan"}],
            "correct_by": "2021-01-08",
        },
    },
    Template.FILE_LATE: {
        "awaited": _FILE | {"due_on": "2020-12-15", "to_correct": False},
        "to_correct": _FILE | {"due_on": "2021-01-08", "to_correct": True},
    },
}
"""By template and case."""

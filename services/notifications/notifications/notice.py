"""Somebody to be told something: who is told what by candidatures, and by a pairing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from essaim_contracts.candidatures import (
    ApplicationDecided,
    ApplicationReceived,
    ApplicationWithdrawn,
    CohortProject,
    TrophyAwarded,
)
from essaim_contracts.erasure import ErasureChanged
from essaim_contracts.retention import RetentionAnnounced
from essaim_contracts.scheduling import PairingMade
from essaim_contracts.selection import PlaceOffered, ReviewsAssigned

from notifications.message import Template, page_of_programme


@dataclass(frozen=True)
class Notice:
    """One person to be told something.

    `details` fills the template, as JSON and without personal data; `mentions` are the other
    persons whose names the text needs.
    """

    recipient_id: UUID
    template: Template
    about_id: UUID
    details: dict[str, Any]
    mentions: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Application:
    """What a bearer knows of her application. `answer` is the decision she was last told."""

    id: UUID
    number: str
    project_title: str
    call_title: str
    answer: dict[str, Any] | None = None


@dataclass(frozen=True)
class Project:
    """Whom to tell what concerns a project."""

    id: UUID
    title: str
    bearer_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Cohort:
    """What a bearer is welcomed to."""

    id: UUID
    label: str
    starts_on: date


def receipt(received: ApplicationReceived, call_title: str) -> Notice:
    details = {
        "number": received.number,
        "project_title": received.project_title,
        "call_title": call_title,
        "received_at": received.received_at.isoformat(),
        "page": page_of_application(received.application_id),
    }
    return Notice(
        received.bearer_id, Template.APPLICATION_RECEIVED, received.application_id, details
    )


def withdrawal(withdrawn: ApplicationWithdrawn, application: Application) -> Notice:
    """So that she has it in writing, and that nobody takes it back without her knowing."""
    details = {
        "number": application.number,
        "call_title": application.call_title,
        "withdrawn_at": withdrawn.withdrawn_at.isoformat(),
        "page": page_of_application(application.id),
    }
    return Notice(withdrawn.bearer_id, Template.APPLICATION_WITHDRAWN, application.id, details)


def page_of_application(application_id: UUID) -> list[str]:
    """Where its bearer, signed in, finds an application again."""
    return ["candidatures", f"applications/{application_id}"]


def answer(decided: ApplicationDecided) -> dict[str, Any]:
    """What the bearer is told of a decision: the score stays with the committee."""
    return {
        "decision": decided.decision.value,
        "reason": decided.reason.value,
        "rank": decided.rank,
        "track_code": decided.track_code,
        "track_name": decided.track_name,
        "decided_on": decided.decided_on.isoformat(),
    }


def decision(decided: ApplicationDecided, application: Application) -> Notice | None:
    """The answer to the bearer, or None when it says nothing she was not already told."""
    told = answer(decided)
    if told == application.answer:
        return None
    details = told | {
        "number": application.number,
        "project_title": application.project_title,
        "call_title": application.call_title,
    }
    return Notice(decided.bearer_id, Template.APPLICATION_DECIDED, application.id, details)


def offer(offered: PlaceOffered, application: Application) -> Notice:
    """Ask the bearer whether she takes a place that freed."""
    details = {
        "number": application.number,
        "project_title": application.project_title,
        "call_title": application.call_title,
        "answer_by": offered.open_until.isoformat(),
        "page": page_of_application(offered.application_id),
    }
    return Notice(offered.bearer_id, Template.PLACE_OFFERED, application.id, details)


def reviews(assigned: ReviewsAssigned, call_title: str) -> Notice:
    """What a member of the committee has to score, by when, and where."""
    details = {
        "call_title": call_title,
        "applications": assigned.applications,
        "to_review": assigned.to_review,
        "due_on": assigned.due_on.isoformat() if assigned.due_on else None,
        "page": ["candidatures", f"calls/{assigned.call_slug}/applications"],
    }
    return Notice(assigned.reviewer_id, Template.REVIEWS_ASSIGNED, assigned.call_id, details)


def welcomes(cohort: Cohort, projects: Iterable[CohortProject]) -> list[Notice]:
    """One welcome for each bearer, though she carry two projects."""
    titles: dict[UUID, list[str]] = defaultdict(list)
    for project in projects:
        for bearer_id in project.bearer_ids:
            titles[bearer_id].append(project.title)
    return [
        Notice(
            bearer_id,
            Template.COHORT_WELCOME,
            cohort.id,
            {
                "cohort_label": cohort.label,
                "starts_on": cohort.starts_on.isoformat(),
                "project_titles": carried,
            },
        )
        for bearer_id, carried in titles.items()
    ]


def introductions(made: PairingMade, project: Project, organisation: str | None) -> list[Notice]:
    """Introduce the bearers and the person who accompanies them to each other.

    `organisation` is None for an expert who acts alone: she is then named as a person.
    """
    bearers = tuple(dict.fromkeys(project.bearer_ids))
    contacts = (made.person_id,) if made.person_id else ()
    details = {
        "kind": made.kind.value,
        "project_title": project.title,
        "organisation": organisation,
        "made_on": made.made_on.isoformat(),
    }
    to_bearers = details | {"reader": "bearer", "people": [str(contact) for contact in contacts]}
    to_contact = details | {"reader": "contact", "people": [str(bearer) for bearer in bearers]}
    about = (Template.PAIRING_MADE, made.pairing_id)
    return [Notice(bearer, *about, to_bearers, mentions=contacts) for bearer in bearers] + [
        Notice(contact, *about, to_contact, mentions=bearers) for contact in contacts
    ]


def congratulations(
    awarded: TrophyAwarded, project_title: str, contributors: dict[UUID, str]
) -> list[Notice]:
    """`contributors` are the public names of the organisations that give the prizes."""
    details = {
        "title": awarded.title,
        "project_title": project_title,
        "awarded_on": awarded.awarded_on.isoformat(),
        "prizes": [
            {
                "title": prize.title,
                "value_eur": prize.value_eur,
                "contributor": contributors.get(prize.contributor_id),
            }
            for prize in awarded.prizes
        ],
    }
    return [
        Notice(bearer_id, Template.TROPHY_AWARDED, awarded.trophy_id, details)
        for bearer_id in dict.fromkeys(awarded.bearer_ids)
    ]


def erasures_to_come(announced: RetentionAnnounced, readers: Iterable[UUID]) -> list[Notice]:
    """Tell those who answer for the data what will go, from when, and how to look at it before."""
    details = {
        "service": announced.owner,
        "by_itself": announced.by_itself,
        "not_before": announced.not_before.isoformat(),
        "ending": [one.model_dump(mode="json") for one in announced.ending],
        "page": (announced.owner, "retention"),
    }
    about = announced.announcement_id
    return [Notice(one, Template.RETENTION_ANNOUNCED, about, details) for one in readers]


def erasure_asked(asked: ErasureChanged) -> Notice:
    """Somebody else asked that she be forgotten: as whom, and what she may do. No more of her."""
    details = {
        "by": asked.by.value,
        "asked_at": asked.changed_at.isoformat(),
        "decided_from": asked.decided_from.isoformat() if asked.decided_from else None,
        "page": MY_DATA,
    }
    return Notice(asked.person_id, Template.ERASURE_ASKED, asked.person_id, details)


def erasure_taken_back(changed: ErasureChanged) -> Notice:
    details = {"taken_back_at": changed.changed_at.isoformat(), "page": MY_DATA}
    return Notice(changed.person_id, Template.ERASURE_TAKEN_BACK, changed.person_id, details)


MY_DATA = ["candidatures", "my-data"]
PRIVACY = ["candidatures", "privacy"]


# --- what each text looks like, with invented values

_APPLICATION: dict[str, Any] = {
    "number": "PREM-2020-042",
    "project_title": "L’Épicerie des Cîmes",
    "call_title": "Prémices 2020 : entreprendre en coopérative",
    "programme_name": "Prémices.coop",
    "programme_page": page_of_programme("premices"),
}
_PAGE = ["candidatures", ""]
_ENDING = {
    "service": "candidatures",
    "not_before": "2025-12-31",
    "page": _PAGE,
    "ending": [
        {
            "what_fr": "Candidatures non retenues ou retirées : réponses et fichiers",
            "what_en": "Applications not selected or withdrawn: answers, files",
            "of": "Prémices 2020",
            "number": 74,
            "first_on": "2025-12-31",
            "last_on": "2025-12-31",
        },
    ],
}
_DECISION = _APPLICATION | {
    "decision": "selected",
    "reason": "meets_criteria",
    "rank": None,
    "track_code": None,
    "track_name": None,
    "decided_on": "2020-02-05",
}

_REVIEWS = {
    "call_title": "Prémices 2020 : entreprendre en coopérative",
    "programme_name": "Prémices.coop",
    "programme_page": page_of_programme("premices"),
    "applications": 45,
    "to_review": 33,
    "due_on": "2020-02-03",
    "page": ["candidatures", "calls/premices-2020/applications"],
}

SAMPLES: dict[Template, dict[str, dict[str, Any]]] = {
    Template.APPLICATION_RECEIVED: {
        "": _APPLICATION | {"received_at": "2020-01-15T17:59:00+01:00", "page": _PAGE},
    },
    Template.APPLICATION_WITHDRAWN: {
        "": _APPLICATION | {"withdrawn_at": "2020-01-16T09:30:00+01:00", "page": _PAGE},
    },
    Template.APPLICATION_DECIDED: {
        "selected": _DECISION,
        "waiting_list": _DECISION
        | {"decision": "waiting_list", "reason": "places_filled", "rank": 3},
        "refused": _DECISION | {"decision": "refused", "reason": "not_mature"},
        "reoriented": _DECISION
        | {
            "decision": "reoriented",
            "reason": "other_track_fits",
            "track_code": "mpess-creation",
            "track_name": "MPESS Création",
        },
    },
    Template.ERASURE_ASKED: {
        by: _APPLICATION
        | {
            "by": by,
            "asked_at": "2020-03-02T10:00:00+01:00",
            "decided_from": "2020-03-05T10:00:00+01:00",
            "page": MY_DATA,
        }
        for by in ("coordinator", "operator")
    },
    Template.ERASURE_TAKEN_BACK: {
        "": _APPLICATION | {"taken_back_at": "2020-03-03T10:00:00+01:00", "page": MY_DATA},
    },
    Template.ERASURE_DONE: {"": {"page": PRIVACY}},
    Template.PLACE_OFFERED: {
        "": _APPLICATION | {"answer_by": "2020-02-20", "page": _PAGE},
    },
    Template.REVIEWS_ASSIGNED: {
        "dated": _REVIEWS,
        "undated": _REVIEWS | {"due_on": None, "to_review": 1},
    },
    Template.COHORT_WELCOME: {
        "": {
            "cohort_label": "Promotion 2020",
            "starts_on": "2020-02-27",
            "project_titles": [_APPLICATION["project_title"]],
        },
    },
    Template.PAIRING_MADE: {
        "bearer": {
            "kind": "godparent",
            "project_title": _APPLICATION["project_title"],
            "organisation": "Brasserie de l’Allagnon",
            "made_on": "2020-03-01",
            "reader": "bearer",
            "people": ["Noé Lefèvre, noe.lefevre@exemple.invalid"],
        },
        "contact": {
            "kind": "godparent",
            "project_title": _APPLICATION["project_title"],
            "organisation": "Brasserie de l’Allagnon",
            "made_on": "2020-03-01",
            "reader": "contact",
            "people": ["Maëlle Çelik, maelle.celik@exemple.invalid"],
        },
    },
    Template.TROPHY_AWARDED: {
        "": {
            "title": "Trophée de la coopération",
            "project_title": _APPLICATION["project_title"],
            "awarded_on": "2021-01-19",
            "prizes": [
                {"title": "Dotation", "value_eur": 3000, "contributor": "La Nef"},
                {"title": "Film de présentation", "value_eur": 1500, "contributor": None},
            ],
        },
    },
    Template.RETENTION_ANNOUNCED: {
        "by_itself": _ENDING | {"by_itself": True},
        "by_hand": _ENDING | {"by_itself": False},
    },
}
"""By template and case; the case is empty for a template with one text."""

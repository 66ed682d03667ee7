"""Invented values that show what each template looks like."""

from typing import Any

from notifications.message import Template

READER = "Maëlle Çelik"
ADDRESS = "maelle.celik@exemple.invalid"
"""Who reads the previews. She does not exist."""

_SESSION = {
    "session_id": "01900000-0000-7000-8000-000000000001",
    "sequence": 0,
    "kind": "collective_day",
    "title": "Journée collective n° 3 : l’alimentation résiliente",
    "topics": ["cadre réglementaire (bio et restauration)", "structuration des filières"],
    "starts_at": "2020-10-08T09:00:00+02:00",
    "ends_at": "2020-10-08T17:00:00+02:00",
    "mode": "on_site",
    "place": "Les Amanins",
    "host": "Les Amanins",
    "project_title": None,
    "reason": None,
}
_APPLICATION = {
    "number": "PREM-2020-042",
    "project_title": "L’Épicerie des Cîmes",
    "call_title": "Prémices 2020 : entreprendre en coopérative",
}
_DECISION = _APPLICATION | {
    "decision": "selected",
    "reason": "meets_criteria",
    "rank": None,
    "track_code": None,
    "track_name": None,
    "decided_on": "2020-02-05",
}
_LINK = {"url": "http://127.0.0.1:8000/candidatures/", "call_title": _APPLICATION["call_title"]}

SAMPLES: dict[Template, dict[str, dict[str, Any]]] = {
    Template.APPLICATION_RECEIVED: {
        "": _APPLICATION | {"received_at": "2020-01-15T17:59:00+01:00"},
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
    Template.COHORT_WELCOME: {
        "": {
            "cohort_label": "Promotion 2020",
            "starts_on": "2020-02-27",
            "project_titles": [_APPLICATION["project_title"]],
        },
    },
    Template.SESSION_CONVOCATION: {"": _SESSION},
    Template.SESSION_MOVED: {"": _SESSION | {"sequence": 1, "reason": "place_set"}},
    Template.SESSION_CANCELLED: {"": _SESSION | {"sequence": 2, "reason": "outside_event"}},
    Template.SESSION_REMINDER_7_DAYS: {"": _SESSION},
    Template.SESSION_REMINDER_1_DAY: {"": _SESSION},
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
    Template.SIGN_IN_LINK: {"": _LINK},
    Template.DRAFT_LINK: {"": _LINK},
}

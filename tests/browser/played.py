"""The consortium whose pages are looked at: who is in it, and where its pages are."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from essaim.ids import stable_id
from essaim.keeping.database import Database
from essaim.people import browsers, sign_ins
from essaim.running.secrets import sign_in_key_of
from essaim_demo.client import Services, Voice

ALIX = "alix@example.org"
"""The coordinator of the small edition."""
ODILE = "odile@example.org"
"""Its operator."""
NOUR = "nour@example.org"
"""A member of the committee of the call that is open."""
FOURNIL = "Le Fournil des Cimes"
CALL = "/candidatures/calls/tremplin-2021"
"""A call that is open when the edition ends."""


@dataclass(frozen=True)
class Played:
    """A consortium that has played the small edition and serves its pages at `address`.

    `pages` are the paths of what the edition left, by a name.
    """

    address: str
    data: Path
    people: dict[str, UUID]
    """E-mail -> id."""
    pages: dict[str, str]


def look_around(address: str, data: Path, open_call: Path) -> Played:
    """Import the programme of `open_call`, erase somebody, and find what the edition left."""
    services = Services(address, (), partial(_token, data))
    operator = services.voice(stable_id("network", "person", "operator"), "fr")
    operator.post_yaml("/candidatures/api/programmes", open_call.read_bytes())
    operation = {"role": "operator", "programme": "network"}
    operator.post(
        "/candidatures/api/people",
        {"name": "Odile (fictive)", "email": ODILE, "roles": [operation]},
    )
    selecting = {"role": "committee_member", "programme": "tremplin"}
    operator.post(
        "/candidatures/api/people", {"name": "Nour (fictive)", "email": NOUR, "roles": [selecting]}
    )
    leaving = operator.post("/candidatures/api/people", {"name": "Quelqu’un (fictif)"})
    operator.post(f"/candidatures/api/people/{leaving['id']}/erase")
    operator.post(f"/candidatures/api/people/{leaving['id']}/erase/confirm")
    funder = {"role": "funder", "programme": "premices"}
    asked = operator.post("/candidatures/api/people", {"name": "Ida (fictive)", "roles": [funder]})
    operator.post(f"/candidatures/api/people/{asked['id']}/erase")
    people = operator.get("/candidatures/api/people")["items"]
    played = Played(
        address,
        data,
        {person["email"]: UUID(person["id"]) for person in people if person["email"]},
        _pages(operator) | _webhook(operator, address),
    )
    services.close()
    return played


@contextmanager
def _directory(data: Path) -> Iterator[sa.Connection]:
    """The database of who keeps the directory, while its service runs."""
    database = Database(f"sqlite:///{data / 'candidatures.db'}")
    with closing(database), database.write() as db:
        yield db


def _token(data: Path, service: str, person_id: UUID) -> str:
    with _directory(data) as db:
        return sign_ins.make_token(db, sign_in_key_of(data), person_id, service, 1, "test")


def sign_in_cookie(played: Played, person_id: UUID) -> str:
    """What a browser holds that signed in at the keeper of the directory."""
    with _directory(played.data) as db:
        begun = sign_ins.begin_browser(db, person_id, "Chromium")
        secret = browsers.welcome(db, begun.signed_in, str(begun.id))
    assert secret is not None
    return secret


def _webhook(operator: Voice, address: str) -> dict[str, str]:
    """A webhook, and a delivery that its address does not take."""
    asked = {"name": "Carte des projets", "programme": "premices"}
    url = f"{address.rstrip('/')}/no-such-page"
    hook = operator.post("/notifications/api/webhooks", asked | {"url": url})["id"]
    test = operator.post(f"/notifications/api/webhooks/{hook}/test")["delivery_id"]
    page = f"/notifications/webhooks/{hook}"
    return {
        "webhook": page,
        "webhook delivery": f"{page}/deliveries/{test}",
        "webhook secret": f"{page}/rotate",
    }


def _pages(operator: Voice) -> dict[str, str]:
    applications = operator.get("/candidatures/api/applications", call="premices-2020")["items"]
    application = next(one for one in applications if one["project"] == FOURNIL)
    sessions = operator.get("/scheduling/api/sessions")["items"]
    day = next(one for one in sessions if one["kind"] == "collective_day")
    messages = operator.get("/notifications/api/messages", q="Un projet inspirant")
    message_id = next(
        one["id"] for one in messages["items"] if one["template"] == "session-convocation"
    )
    editions = operator.get("/reporting/api/editions")["items"]
    edition = next(one["id"] for one in editions if one["programme"] == "premices")
    project_id = operator.get(f"/candidatures/api/applications/{application['id']}")["project_id"]
    cohort_id = operator.get("/candidatures/api/cohorts")["items"][0]["id"]
    return {
        "files of a cohort": f"/candidatures/cohorts/{cohort_id}/files",
        "trophies": f"/candidatures/cohorts/{cohort_id}/trophies",
        "call": "/candidatures/calls/premices-2020",
        "applications": "/candidatures/calls/premices-2020/applications",
        "ranking": "/candidatures/calls/premices-2020/ranking",
        "decisions": "/candidatures/calls/premices-2020/decisions",
        "who reads what": "/candidatures/calls/premices-2020/assignment",
        "minutes": "/candidatures/calls/premices-2020/minutes",
        "meeting pack": "/candidatures/calls/premices-2020/pack",
        "waiting list": "/candidatures/calls/premices-2020/waiting-list",
        "application": f"/candidatures/applications/{application['id']}",
        "project": f"/candidatures/projects/{project_id}",
        "project beside": f"/scheduling/projects/{project_id}",
        "session": f"/scheduling/sessions/{day['session_id']}",
        "message": f"/notifications/messages/{message_id}",
        "letter": f"/notifications/mailbox/{message_id}",
        "edition": f"/reporting/editions/{edition}",
        "edition clock": f"/candidatures/retention/editions/{edition}",
        "evidence": f"/reporting/editions/{edition}/evidence/applications.received",
        "time line": f"/reporting/projects/{project_id}",
    }

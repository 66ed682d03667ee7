"""The consortium whose pages are looked at: who is in it, and where its pages are."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from essaim.ids import stable_id
from essaim_demo.client import Services, Voice

ALIX = "alix@example.org"
"""The coordinator of the small edition."""
FOURNIL = "Le Fournil des Cimes"
CALL = "/candidatures/calls/tremplin-2021"
"""A call that is open when the edition ends."""


@dataclass(frozen=True)
class Played:
    """A consortium that has played the small edition and serves its pages at `address`.

    `pages` are the paths of what the edition left, by a name.
    """

    address: str
    secret: str
    people: dict[str, UUID]
    """E-mail -> id."""
    pages: dict[str, str]


def look_around(address: str, secret: str, open_call: Path) -> Played:
    """Import the programme of `open_call`, erase somebody, and find what the edition left."""
    services = Services(address, secret, ())
    operator = services.voice(stable_id("network", "person", "operator"), "fr")
    operator.post_yaml("/candidatures/api/programmes", open_call.read_bytes())
    leaving = operator.post("/candidatures/api/people", {"name": "Quelqu’un (fictif)"})
    operator.post(f"/candidatures/api/people/{leaving['id']}/erase")
    operator.post(f"/candidatures/api/people/{leaving['id']}/erase/confirm")
    people = operator.get("/candidatures/api/people")["items"]
    played = Played(
        address,
        secret,
        {person["email"]: UUID(person["id"]) for person in people if person["email"]},
        _pages(operator),
    )
    services.close()
    return played


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
    return {
        "call": "/candidatures/calls/premices-2020",
        "applications": "/candidatures/calls/premices-2020/applications",
        "application": f"/candidatures/applications/{application['id']}",
        "project": f"/candidatures/projects/{project_id}",
        "session": f"/scheduling/sessions/{day['session_id']}",
        "message": f"/notifications/messages/{message_id}",
        "letter": f"/notifications/mailbox/{message_id}",
        "edition": f"/reporting/editions/{edition}",
        "evidence": f"/reporting/editions/{edition}/evidence/applications.received",
        "time line": f"/reporting/projects/{project_id}",
    }

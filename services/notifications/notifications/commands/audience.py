"""Whom one may write to together in a programme, as a list to choose from."""

from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from essaim.people.directory import all_people
from essaim.person import Role
from essaim.text.languages import N_, Tongue

from notifications import store
from notifications.writing import ROLES, Audience, Standing


class Offered(NamedTuple):
    """An audience, what it is called, and how many it has."""

    code: str
    title: str
    people: int


_STANDINGS = {
    Standing.RECEIVED: N_("toutes les candidatures reçues"),
    Standing.UNDECIDED: N_("candidatures sans décision"),
    Standing.SELECTED: N_("candidatures retenues"),
    Standing.WAITING_LIST: N_("candidatures sur liste d’attente"),
    Standing.REORIENTED: N_("candidatures réorientées"),
    Standing.REFUSED: N_("candidatures refusées"),
}


_PEOPLE = {
    Role.BEARER: N_("porteuses et porteurs de projet"),
    Role.GODPARENT: N_("parrains et marraines"),
    Role.MENTOR: N_("mentors"),
    Role.SPEAKER: N_("intervenantes et intervenants"),
    Role.COMMITTEE_MEMBER: N_("membres du comité"),
    Role.FUNDER: N_("financeurs"),
}


def offered(db: sa.Connection, programme: str, today: date, _: Tongue) -> list[Offered]:
    """Those with somebody in them: applicants by call and standing, cohorts, roles."""
    found = []
    for id, (title, counts) in store.writing.calls(db, programme).items():
        whole = {Standing.RECEIVED: sum(counts.values())} | counts
        for standing, number in whole.items():
            called = _("{label} : {what}", label=title, what=_(_STANDINGS[standing]))
            found.append(Offered(Audience("call", id, standing).code, called, number))
    for id, (label, number) in store.writing.cohorts(db, programme).items():
        found.append(Offered(Audience("cohort", id).code, label, number))
    people = all_people(db)
    for role in ROLES:
        number = sum(one.holds({role}, today, programme) for one in people)
        if number:
            found.append(Offered(Audience("role", role=role).code, _(_PEOPLE[role]), number))
    return found

"""What there is to read here, as the first page of whoever comes in asks it: nothing to do."""

from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from essaim.clock import PARIS
from essaim.person import Person, Role
from essaim.text.languages import Tongue
from essaim_contracts.questions import ComesNext, Waits

from reporting.store.call import load_editions

FOLLOW = {Role.FUNDER, Role.COORDINATOR}
"""To whom the report is shown where they come in; others find it in the menu."""

EDITIONS = 2
"""While the next one begins, the report that is asked for is that of the last that ended."""


def what_waits(db: sa.Connection, person: Person, now: datetime, tongue: Tongue) -> Waits:
    """The reports of the last editions of each programme she funds or coordinates."""
    _, today, said = tongue, now.astimezone(PARIS).date(), Counter[str]()
    coming = []
    for one in load_editions(db):
        if said[one.programme] == EDITIONS or not person.holds(FOLLOW, today, one.programme):
            continue
        said[one.programme] += 1
        name = one.programme_name or one.call_title
        text = _("Le bilan de {programme} {year}, à jour", programme=name, year=str(one.year))
        coming.append(ComesNext(text=text, page=f"/editions/{one.id}"))
    return Waits(next=tuple(coming[:50]))

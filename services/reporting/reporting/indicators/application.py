"""From the applications received to those selected: each ends in one explicit state."""

from typing import Any

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import APPLICANT_KINDS

from reporting.indicators.indicator import Basis, Feed, GroupedBy, Indicator, Kept, Ratio
from reporting.indicators.rows import earlier, first_said, lasting, later, replaced
from reporting.labels import APPLICATION_STATES
from reporting.store.application import application_answered, application_end, application_received

_SAID_OF = (
    Feed(application_received, "application_id"),
    Feed(application_answered, "application_id"),
)

APPLICATIONS = lasting(application_received, "application_id")
"""Each application, as it was last received."""

_RECEIVED = Basis(APPLICATIONS, ("application_id",), _SAID_OF[:1])


def _ends() -> sa.Subquery:
    received, answered = application_received, application_answered
    names = ("fact_id", "source", "seq", "at", "edition_id", "application_id", "project_id")
    same = answered.c.application_id == received.c.application_id
    is_answered = first_said(answered, same, answered.c.seq > received.c.seq)
    is_received = first_said(received, same)
    is_received_again = first_said(received, same, received.c.seq > answered.c.seq)
    waiting = sa.select(
        *(received.c[name] for name in names),
        sa.literal("pending").label("state"),
        received.c.at.label("since"),
        earlier(replaced(received, "application_id"), is_answered).label("until"),
    )
    ended = sa.select(
        *(answered.c[name] for name in names),
        answered.c.state,
        later(answered.c.at, is_received).label("since"),
        earlier(replaced(answered, "application_id"), is_received_again).label("until"),
    )
    return sa.union_all(waiting, ended).subquery()


_MADE = _ends()


def _those(condition: "sa.ColumnElement[bool]") -> "sa.Select[Any]":
    return sa.select(_MADE).where(condition, _MADE.c.since < _MADE.c.until)


APPLICATION_ENDS = sa.select(application_end).subquery()
"""Each application received, with the last fact about it and the state this gives."""

_ENDED = Basis(
    APPLICATION_ENDS,
    ("application_id",),
    _SAID_OF,
    kept=Kept(application_end, _MADE, _those),
)

RECEIVED = Indicator(
    code="applications.received",
    label=N_("Candidatures reçues"),
    formula=N_(
        "Nombre de candidatures déposées dans les délais, chacune comptée une fois, "
        "y compris celles retirées ensuite."
    ),
    of=_RECEIVED,
    part=APPLICATIONS.c.applicant_kind,
    parts=APPLICANT_KINDS,
)

STATES = Indicator(
    code="applications.states",
    label=N_("Candidatures par issue"),
    formula=N_(
        "Chaque candidature reçue compte une fois, dans l’état que lui donne le dernier fait "
        "connu : la décision du comité, le retrait par le porteur, ou en attente de réponse. "
        "La somme des états est le nombre de candidatures reçues."
    ),
    of=_ENDED,
    part=APPLICATION_ENDS.c.state,
    parts=APPLICATION_STATES,
    breakdown=True,
    drawn="bar",
)

SELECTION_RATE = Ratio(
    code="applications.selection_rate",
    label=N_("Taux de sélection"),
    formula=N_("Candidatures retenues divisées par les candidatures reçues."),
    over=(STATES, "selected"),
    under=(RECEIVED, None),
)

BY_DAY = Indicator(
    code="applications.by_day",
    label=N_("Candidatures par jour de dépôt"),
    formula=N_("Candidatures reçues, selon le jour de leur dépôt à Paris."),
    of=_RECEIVED,
    part=APPLICATIONS.c.received_on,
    parts=GroupedBy.DAY,
    breakdown=True,
    drawn="days",
)

BY_SECTOR = Indicator(
    code="applications.by_sector",
    label=N_("Candidatures par secteur"),
    formula=N_("Candidatures reçues, selon le secteur d’activité déclaré."),
    of=_RECEIVED,
    part=APPLICATIONS.c.sector,
    parts=GroupedBy.SECTOR,
    breakdown=True,
    drawn="bar",
)

BY_DEPARTMENT = Indicator(
    code="applications.by_department",
    label=N_("Candidatures par département"),
    formula=N_("Candidatures reçues, selon le département déclaré."),
    of=_RECEIVED,
    part=APPLICATIONS.c.department,
    parts=GroupedBy.DEPARTMENT,
    breakdown=True,
    drawn="bar",
)

BY_SOURCE = Indicator(
    code="applications.by_source",
    label=N_("Comment les candidats ont connu l’appel"),
    formula=N_("Candidatures reçues, selon la réponse donnée dans le formulaire."),
    of=_RECEIVED,
    part=APPLICATIONS.c.heard_from,
    parts=GroupedBy.SOURCE,
    breakdown=True,
    drawn="pie",
)

SHOWN = (
    RECEIVED,
    STATES,
    SELECTION_RATE,
    BY_DAY,
    BY_SECTOR,
    BY_DEPARTMENT,
    BY_SOURCE,
)

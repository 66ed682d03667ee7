"""From the applications received to those selected: each ends in one explicit state."""

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import APPLICANT_KINDS

from reporting.indicators.indicator import GroupedBy, Indicator, Ratio
from reporting.indicators.rows import counted, heard, is_last, known, latest
from reporting.labels import APPLICATION_STATES
from reporting.store.application import application_answered, application_received

APPLICATIONS = latest(application_received, application_received.c.application_id)
"""Each application once, as it was last received."""


def _ends() -> sa.Subquery:
    received, answered = application_received, application_answered
    same = answered.c.application_id == received.c.application_id
    is_answered = sa.exists().where(same, answered.c.seq > received.c.seq, heard(answered))
    is_received = sa.exists().where(same, heard(received))
    is_received_again = sa.exists().where(same, received.c.seq > answered.c.seq, heard(received))
    waiting = sa.select(
        received.c.fact_id,
        received.c.source,
        received.c.seq,
        received.c.at,
        received.c.application_id,
        received.c.project_id,
        sa.literal("pending").label("state"),
    ).where(known(received), is_last(received, received.c.application_id), ~is_answered)
    ended = sa.select(
        answered.c.fact_id,
        answered.c.source,
        answered.c.seq,
        answered.c.at,
        answered.c.application_id,
        answered.c.project_id,
        answered.c.state,
    ).where(
        known(answered),
        is_last(answered, answered.c.application_id),
        is_received,
        ~is_received_again,
    )
    return sa.union_all(waiting, ended).subquery()


APPLICATION_ENDS = _ends()
"""Each application received, with the last fact about it and the state this gives."""

RECEIVED = Indicator(
    code="applications.received",
    label=N_("Candidatures reçues"),
    formula=N_(
        "Nombre de candidatures déposées dans les délais, chacune comptée une fois, "
        "y compris celles retirées ensuite."
    ),
    rows=counted(APPLICATIONS, APPLICATIONS.c.applicant_kind),
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
    rows=counted(APPLICATION_ENDS, APPLICATION_ENDS.c.state),
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
    rows=counted(APPLICATIONS, APPLICATIONS.c.received_on),
    parts=GroupedBy.DAY,
    breakdown=True,
    drawn="days",
)

BY_SECTOR = Indicator(
    code="applications.by_sector",
    label=N_("Candidatures par secteur"),
    formula=N_("Candidatures reçues, selon le secteur d’activité déclaré."),
    rows=counted(APPLICATIONS, APPLICATIONS.c.sector),
    parts=GroupedBy.SECTOR,
    breakdown=True,
    drawn="bar",
)

BY_DEPARTMENT = Indicator(
    code="applications.by_department",
    label=N_("Candidatures par département"),
    formula=N_("Candidatures reçues, selon le département déclaré."),
    rows=counted(APPLICATIONS, APPLICATIONS.c.department),
    parts=GroupedBy.DEPARTMENT,
    breakdown=True,
    drawn="bar",
)

BY_SOURCE = Indicator(
    code="applications.by_source",
    label=N_("Comment les candidats ont connu l’appel"),
    formula=N_("Candidatures reçues, selon la réponse donnée dans le formulaire."),
    rows=counted(APPLICATIONS, APPLICATIONS.c.heard_from),
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

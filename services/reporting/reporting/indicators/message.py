"""Messages about an edition: accepted by a mail server, or given up."""

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import FAILURE_REASONS, TEMPLATES

from reporting.indicators.indicator import Indicator
from reporting.indicators.rows import counted, heard, of_edition
from reporting.store.message import message
from reporting.store.timeline import timeline


def _of_edition() -> sa.Subquery:
    told, about = timeline.alias("told"), timeline.alias("about")
    tells = sa.exists().where(told.c.fact_id == message.c.cause, of_edition(told))
    concerns = sa.exists().where(about.c.key == message.c.about_id, of_edition(about))
    return sa.select(message).where(heard(message), sa.or_(tells, concerns)).subquery()


MESSAGES = _of_edition()
"""Messages that tell a fact of the edition, or are about something a fact of it names."""

SENT = Indicator(
    code="messages.sent",
    label=N_("Messages envoyés"),
    formula=N_("Messages sur cette édition qu’un serveur de courrier a acceptés."),
    rows=counted(MESSAGES, MESSAGES.c.template).where(MESSAGES.c.failure.is_(None)),
    parts=TEMPLATES,
    drawn="bar",
)

FAILED = Indicator(
    code="messages.failed",
    label=N_("Messages abandonnés"),
    formula=N_("Messages sur cette édition abandonnés : il faut joindre la personne autrement."),
    rows=counted(MESSAGES, MESSAGES.c.failure).where(MESSAGES.c.failure.is_not(None)),
    parts=FAILURE_REASONS,
)

SHOWN = (
    SENT,
    FAILED,
)

"""Messages about an edition: accepted by a mail server, or given up."""

from typing import Any

import sqlalchemy as sa
from essaim.text.languages import N_
from essaim_contracts.words import FAILURE_REASONS, TEMPLATES

from reporting.indicators.indicator import Basis, Feed, Indicator, Kept, Through
from reporting.indicators.rows import NEVER, later
from reporting.store.message import message, message_of_edition
from reporting.store.timeline import timeline


def _of_editions(condition: "sa.ColumnElement[bool]") -> "sa.Select[Any]":
    """Messages by edition, from when both the message and a fact that ties it there were said."""
    own = tuple(
        message.c[name] for name in ("fact_id", "source", "seq", "at", "template", "failure")
    )
    same_source = timeline.c.source == message.c.cause_source
    told = sa.and_(
        timeline.c.fact_id == message.c.cause,
        sa.or_(message.c.cause_source.is_(None), same_source),
    )
    ties = (told, timeline.c.key == message.c.about_id)
    tied = sa.union_all(
        *(
            sa.select(*own, timeline.c.edition_id, timeline.c.at.label("tied_at"))
            .join(timeline, tie)
            .where(condition, timeline.c.edition_id.is_not(None))
            for tie in ties
        )
    ).subquery()
    columns = tuple(tied.c[column.name] for column in own)
    since = later(tied.c.at, sa.func.min(tied.c.tied_at)).label("since")
    return sa.select(*columns, tied.c.edition_id, since).group_by(*columns, tied.c.edition_id)


MESSAGES = sa.select(message_of_edition, NEVER.label("until")).subquery()
"""Messages that tell a fact of the edition, or are about something a fact of it names."""


_IDS = sa.select(message.c.fact_id)

_OF_EDITION = Basis(
    MESSAGES,
    ("fact_id",),
    (
        Feed(message, "fact_id"),
        Feed(timeline, "fact_id", Through(_IDS, by=message.c.cause)),
        Feed(timeline, "key", Through(_IDS, by=message.c.about_id)),
    ),
    kept=Kept(message_of_edition, message, _of_editions),
)

SENT = Indicator(
    code="messages.sent",
    label=N_("Messages envoyés"),
    formula=N_("Messages sur cette édition qu’un serveur de courrier a acceptés."),
    of=_OF_EDITION,
    part=MESSAGES.c.template,
    where=MESSAGES.c.failure.is_(None),
    parts=TEMPLATES,
    drawn="bar",
)

FAILED = Indicator(
    code="messages.failed",
    label=N_("Messages abandonnés"),
    formula=N_("Messages sur cette édition abandonnés : il faut joindre la personne autrement."),
    of=_OF_EDITION,
    part=MESSAGES.c.failure,
    where=MESSAGES.c.failure.is_not(None),
    parts=FAILURE_REASONS,
)

SHOWN = (
    SENT,
    FAILED,
)

"""From a fact to the rows of the read model: pure, so that a rebuild gives the same tables."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from essaim.hearing.projection import Row
from essaim_contracts.envelope import Envelope
from essaim_contracts.fact import Fact

from reporting.facts.catalogue import KINDS
from reporting.facts.kind import FactKind, Values
from reporting.store.table import metadata
from reporting.store.timeline import timeline, timeline_project

TABLES = tuple(table for table in metadata.tables.values() if not table.info.get("derived", False))
"""The rows of facts: the tables of every kind of fact are imported by now."""


def project(fact: Fact, envelope: Envelope, seq: int) -> list[Row]:
    """Every row this fact adds: to the log, to its projects, to the tables it counts in.

    A fact that counts in no figure yet still has its place in the log.
    """
    kind = KINDS.get(type(fact))
    of_fact: Values = {"fact_id": envelope.id, "source": envelope.source}
    said: Values = of_fact | {"seq": seq, "at": envelope.time}
    edition_id = getattr(fact, "edition_id", None)
    rows = [Row(timeline, said | _log_entry(fact, envelope, edition_id))]
    for project_id in _projects_of(fact, kind):
        rows.append(Row(timeline_project, of_fact | {"project_id": project_id}))
    if kind is not None and kind.rows is not None:
        if edition_id is not None:
            said["edition_id"] = edition_id
        rows.extend(kind.rows(fact, said, envelope.programme))
    return rows


def _projects_of(fact: Fact, kind: FactKind[Any] | None) -> Iterable[UUID]:
    if kind is not None and kind.projects is not None:
        return kind.projects(fact)
    project_id = getattr(fact, "project_id", None)
    return (project_id,) if project_id else ()


def _log_entry(fact: Fact, envelope: Envelope, edition_id: UUID | None) -> Values:
    _, programme, owner = envelope.source.split("/")
    return {
        "type": envelope.type,
        "programme": programme,
        "owner": owner,
        "key": fact.key,
        "edition_id": edition_id,
        "actor": envelope.actor,
        "correlation": envelope.correlation_id,
        "causation": envelope.causation_id,
        "body": fact.model_dump_json(),
    }

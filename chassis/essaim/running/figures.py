"""The figures of one running service, looked up whenever Prometheus asks."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from shutil import disk_usage

import sqlalchemy as sa
from essaim_contracts import all_facts
from prometheus_client.core import Metric

from essaim.clock import PARIS
from essaim.hearing.dead import count_by_type
from essaim.keeping.last_backup import last_backup
from essaim.observing.metrics import families, told
from essaim.retention.forgetting import count_due
from essaim.running.runtime import Runtime
from essaim.telling.parked import list_parked

OTHER = "other"
"""Stands for the types that our contracts do not know: a stranger's message makes no new label."""


class ServiceFigures:
    """What prometheus-client asks for the figures of one service."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def collect(self) -> Iterable[Metric]:
        runtime, readiness = self._runtime, self._runtime.readiness()
        values = {
            "ready": float(readiness.ready),
            "active": float(readiness.active),
            "unpublished_facts": readiness.unpublished,
            "outbox_oldest_seconds": readiness.oldest,
            "pending_facts": readiness.pending,
            "waiting_facts": readiness.waiting,
            "dead_facts": readiness.dead,
            "loop_lag_seconds": runtime.loop.lag,
            "database_connections_used": runtime.database.connections_used,
            "database_connections_most": runtime.database.connections_most,
            **runtime.counted(),
            **_room(runtime.settings.data),
        }
        seen = runtime.look(self._in_database)
        by_type: Mapping[str, Mapping[str, float]] = {}
        own: list[Metric] = []
        if not isinstance(seen, str):
            found, by_type, own = seen
            values |= found
        parts = {part.name: part.ok for part in readiness.parts}
        partners = runtime.presence.heard_at() if runtime.presence else {}
        yield from families(runtime.service.name, values, by_type, parts, partners)
        yield told(runtime.service.name, runtime.told())
        yield from own

    def _in_database(
        self, db: sa.Connection
    ) -> tuple[dict[str, float], Mapping[str, Mapping[str, float]], list[Metric]]:
        parked = Counter(type_in(one.subject) for one in list_parked(db))
        by_type = {
            "parked_facts": parked,
            "dead_facts_by_type": _known(count_by_type(db)),
        }
        values = {"database_bytes": float(size_of(db)), **_saved(db)}
        if self._runtime.service.retention:
            today = self._runtime.clock.now().astimezone(PARIS).date()
            values["retention_lots_due"] = count_due(db, today)
        own = self._runtime.service.figures
        return values, by_type, list(own(db)) if own else []


def type_in(subject: str) -> str:
    """The type of a fact, from the subject it is told on: `essaim.<programme>.<type>.<key>`."""
    words = subject.split(".")
    type = ".".join((words[0], *words[2:-1]))
    return type if type in _types() else OTHER


def size_of(db: sa.Connection) -> int:
    """Bytes that the database takes, without its log."""
    if db.dialect.name == "postgresql":
        size = "select pg_database_size(current_database())"
    else:
        size = "select page_count * page_size from pragma_page_count, pragma_page_size"
    return int(db.exec_driver_sql(size).scalar_one())


def _saved(db: sa.Connection) -> dict[str, float]:
    taken = last_backup(db)
    if taken is None:
        return {}
    return {
        "backup_taken_timestamp_seconds": taken.taken_at.timestamp(),
        "backup_bytes": taken.size,
    }


def _room(folder: Path) -> dict[str, float]:
    try:
        usage = disk_usage(folder)
    except OSError:
        return {}
    return {"disk_free_bytes": usage.free, "disk_bytes": usage.total}


def _known(counted: Mapping[str | None, int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for type, number in counted.items():
        found[type if type is not None and type in _types() else OTHER] += number
    return found


def _types() -> frozenset[str]:
    return frozenset(fact.type for fact in all_facts())

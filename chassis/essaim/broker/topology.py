"""The broker's streams, consumers, bucket, users and rights, as data; plan, apply, check.

The operator applies it. A service only binds to what it finds, and refuses to start on a
difference: with nats-py a consumer that differs is silently kept as it is.
"""

import os
from dataclasses import dataclass, field
from typing import Any

from essaim_contracts import candidatures as c
from essaim_contracts import notifications as n
from essaim_contracts import reporting as r
from essaim_contracts import scheduling as s
from essaim_contracts.envelope import subjects_of
from essaim_contracts.fact import Fact
from nats.aio.client import Client

from essaim.broker.api import ask_jetstream

FACTS = "ESSAIM"
DEAD = "ESSAIM_DEAD"
ADVISORIES = "ESSAIM_ADVISORIES"
DIRECTORY = "directory"
OPERATOR = "operator"

SERVICES = ("candidatures", "scheduling", "notifications", "reporting")
DIRECTORY_KEEPER = "candidatures"

EVERYTHING = "everything"
HEARS: dict[str, tuple[type[Fact], ...] | str] = {
    "candidatures": (
        s.SessionHeld,
        s.ProjectProgressed,
        # Its own, for the day its database comes back from a backup older than an erasure.
        c.PersonErased,
        s.PersonForgottenByScheduling,
        n.PersonForgottenByNotifications,
        r.PersonForgottenByReporting,
    ),
    "scheduling": (
        c.CohortFormed,
        c.CohortChanged,
        c.PartnerJoined,
        c.TrophyAwarded,
        c.PersonErased,
    ),
    "notifications": (
        c.ApplicationReceived,
        c.ApplicationDecided,
        c.ApplicationWithdrawn,
        c.CallOpened,
        c.CohortFormed,
        c.CohortChanged,
        c.PartnerJoined,
        c.TrophyAwarded,
        c.PersonErased,
        s.SessionPlanned,
        s.SessionMoved,
        s.SessionCancelled,
        s.SessionHeld,
        s.PairingMade,
    ),
    "reporting": EVERYTHING,
}

_NANO = 1_000_000_000
_GIB = 1024**3


@dataclass(frozen=True)
class Topology:
    """What the broker must hold. Sizes in bytes, durations in nanoseconds, as the server says."""

    streams: dict[str, dict[str, Any]]
    consumers: dict[str, dict[str, Any]]
    """Durable consumers of the stream of facts, by name."""


def declared(replicas: int = 1, max_bytes: int = 2 * _GIB) -> Topology:
    """The consortium's topology. `max_bytes` is when the stream of facts refuses to grow."""
    facts = {
        "subjects": [f"essaim.*.{service}.*.*.*.*" for service in SERVICES],
        "max_bytes": max_bytes,
        # Refuse rather than forget: the outboxes hold what the stream refuses.
        "discard": "new",
        "duplicate_window": 120 * _NANO,
        "allow_atomic": True,
        "allow_direct": True,
    }
    dead = {"subjects": ["essaim-dead.>"], "max_bytes": _GIB // 4, "discard": "old"}
    advisories = {
        "subjects": [
            f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{FACTS}.>",
            f"$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.{FACTS}.>",
        ],
        "max_bytes": _GIB // 16,
        "max_age": 90 * 86400 * _NANO,
        "discard": "old",
    }
    # What a key-value bucket is made of: one value a key, and room for purges.
    directory = {
        "subjects": [f"$KV.{DIRECTORY}.>"],
        "max_msgs_per_subject": 1,
        "max_bytes": _GIB // 8,
        "discard": "new",
        "allow_rollup_hdrs": True,
        "allow_direct": True,
        "deny_delete": False,
    }
    common = {"storage": "file", "retention": "limits", "num_replicas": replicas}
    return Topology(
        streams={
            FACTS: common | facts,
            DEAD: common | dead,
            ADVISORIES: common | advisories,
            f"KV_{DIRECTORY}": common | directory,
        },
        consumers={service: _consumer(HEARS[service]) for service in SERVICES},
    )


def wanted() -> Topology:
    """This deployment's topology: ESSAIM_NATS_REPLICAS, and ESSAIM_STREAM_MAX_BYTES in bytes."""
    return declared(
        replicas=int(os.environ.get("ESSAIM_NATS_REPLICAS", "1")),
        max_bytes=int(os.environ.get("ESSAIM_STREAM_MAX_BYTES", 2 * _GIB)),
    )


def heard_subjects(hears: tuple[type[Fact], ...] | str) -> list[str]:
    """The subjects a service's consumer is filtered by; none means all."""
    if isinstance(hears, str):
        return []
    return sorted(subjects_of(fact) for fact in hears)


def _consumer(hears: tuple[type[Fact], ...] | str) -> dict[str, Any]:
    return {
        "deliver_policy": "all",
        # One acknowledgement for a whole chunk: measured twice the rate of one for each fact.
        "ack_policy": "all",
        "ack_wait": 30 * _NANO,
        # The inbox counts attempts itself: the broker must never give a fact up.
        "max_deliver": -1,
        "max_ack_pending": 4096,
        "filter_subjects": heard_subjects(hears),
    }


@dataclass(frozen=True)
class Step:
    """One thing that differs: `what` is the stream or consumer, `change` says how, in words."""

    what: str
    change: str
    request: tuple[str, dict[str, Any]] = field(repr=False, default=("", {}))


async def plan(connection: Client, topology: Topology) -> list[Step]:
    """What `apply` would do, in order; empty when the broker is as declared."""
    steps = []
    for name, wanted in topology.streams.items():
        found = await ask_jetstream(connection, f"STREAM.INFO.{name}")
        if "error" in found:
            request = (f"STREAM.CREATE.{name}", wanted | {"name": name})
            steps.append(Step(f"stream {name}", "create", request))
        elif differing := differences(wanted, found["config"]):
            config = found["config"] | wanted | {"name": name}
            steps.append(Step(f"stream {name}", differing, (f"STREAM.UPDATE.{name}", config)))
    for name, wanted in topology.consumers.items():
        found = await ask_jetstream(connection, f"CONSUMER.INFO.{FACTS}.{name}")
        config = wanted | {"name": name, "durable_name": name}
        subject = f"CONSUMER.DURABLE.CREATE.{FACTS}.{name}"
        if "error" in found:
            request = (subject, {"stream_name": FACTS, "config": config, "action": "create"})
            steps.append(Step(f"consumer {name}", "create", request))
        elif differing := differences(wanted, found["config"]):
            request = (subject, {"stream_name": FACTS, "config": config, "action": "update"})
            steps.append(Step(f"consumer {name}", differing, request))
    return steps


async def apply(connection: Client, topology: Topology) -> list[Step]:
    """Make the broker as declared. Returns what was done.

    Raises:
        TopologyRefused: the server refuses a step; what came before it is done.
    """
    steps = await plan(connection, topology)
    for step in steps:
        answer = await ask_jetstream(connection, *step.request, patience=10)
        if "error" in answer:
            raise TopologyRefused(step, answer["error"]["description"])
    return steps


class TopologyRefused(Exception):
    def __init__(self, step: Step, reason: str) -> None:
        super().__init__(
            f"The server refused {step.what} ({step.change}): {reason}. "
            "What the server cannot change in place must be decided by hand: "
            "see docs/operators.md, « Topology »."
        )


def differences(wanted: dict[str, Any], found: dict[str, Any]) -> str:
    """What of `wanted` is otherwise in `found`, in words; empty when nothing is.

    A field the server leaves out has its zero value.
    """
    differing = []
    for name, value in wanted.items():
        present = found.get(name)
        if name == "filter_subjects":
            present = sorted(
                present or ([found["filter_subject"]] if found.get("filter_subject") else [])
            )
        if present is None:
            present = type(value)()
        if present != value:
            differing.append(f"{name} is {present!r}, declared {value!r}")
    return "; ".join(differing)


class NotAsDeclared(Exception):
    """The consumer is missing or differs; the operator mends it."""

    def __init__(self, steps: list[Step]) -> None:
        what = "; ".join(f"{step.what}: {step.change}" for step in steps)
        super().__init__(
            f"The broker differs from the declared topology ({what}). "
            "The operator runs `essaim topology plan`, then `essaim topology apply`."
        )


async def check_consumer(connection: Client, service: str) -> None:
    """See that the consumer of a service is as declared.

    Raises:
        NotAsDeclared: it is missing or differs, with what differs.
    """
    found = await ask_jetstream(connection, f"CONSUMER.INFO.{FACTS}.{service}")
    if "error" in found:
        raise NotAsDeclared([Step(f"consumer {service}", found["error"]["description"])])
    if service in HEARS:
        differing = differences(declared().consumers[service], found["config"])
        if differing:
            raise NotAsDeclared([Step(f"consumer {service}", differing)])

"""The broker's streams, consumers and bucket as a consortium needs them; plan, apply, check.

The operator applies it. A service only binds to what it finds, and refuses to start on a
difference: with nats-py a consumer that differs is silently kept as it is.
"""

from dataclasses import dataclass, field
from typing import Any

from essaim_contracts.envelope import NETWORK, subjects_of_type
from nats.aio.client import Client

from essaim.broker.api import ask_jetstream
from essaim.consortium.partners import Consortium, Directory, Partner
from essaim.settings import Settings, read_settings

FACTS = "ESSAIM"
DEAD = "ESSAIM_DEAD"
ADVISORIES = "ESSAIM_ADVISORIES"
DIRECTORY = "directory"
BUCKET = f"KV_{DIRECTORY}"
"""The stream that the directory's key-value bucket is made of."""
OPERATOR = "operator"
SYSTEM = "system"
"""The user with whom the operator has the broker read its users anew, and sees who is connected."""
MOST = 256 * 1024
"""Bytes of a fact with its headers, above which the broker refuses it. Ours have some hundreds."""

_NANO = 1_000_000_000
_KIB = 1024
_GIB = 1024**3


@dataclass(frozen=True)
class Topology:
    """What the broker must hold. Sizes in bytes, durations in nanoseconds, as the server says."""

    streams: dict[str, dict[str, Any]]
    consumers: dict[str, dict[str, Any]]
    """Durable consumers of the stream of facts, by name."""
    followers: dict[str, dict[str, Any]]
    """Durable consumers of the directory, by name."""
    unused: tuple[str, ...] = ()
    """Consumers of the stream of facts that an earlier version made, and nobody reads."""


def declared(consortium: Consortium, replicas: int = 1, max_bytes: int = 2 * _GIB) -> Topology:
    """A consortium's topology. `max_bytes` is when the stream of facts refuses to grow."""
    common = {"storage": "file", "retention": "limits", "num_replicas": replicas}
    return Topology(
        streams={name: common | own for name, own in _streams(consortium, max_bytes).items()},
        consumers=_consumers(consortium),
        followers={
            follower(one.service): _follower(one)
            for one in consortium.partners
            if one.directory != Directory.NONE
        },
        unused=tuple(rebuilder(one.service) for one in consortium.partners if not one.rebuilds),
    )


def _consumers(consortium: Consortium) -> dict[str, dict[str, Any]]:
    """Of the stream of facts, by name."""
    consumers = {}
    for one in consortium.partners:
        consumers[one.service] = _consumer(consortium.heard_by(one), one.programmes)
        if one.rebuilds:
            filter = {"filter_subjects": heard_subjects(None, one.programmes)}
            consumers[rebuilder(one.service)] = _READER | filter
    for reader in consortium.readers:
        consumers[reader.name] = _consumer(reader.reads, reader.programmes) | {
            # As other people's clients expect it: each fact by itself.
            "ack_policy": "explicit",
            "max_ack_pending": 1 if reader.one_at_a_time else 1000,
        }
    return consumers


def rebuilder(service: str) -> str:
    """The consumer with which a service reads the whole stream again for its read model."""
    return f"{service}-rebuild"


def follower(service: str) -> str:
    """The consumer with which a service follows the directory."""
    return f"{service}-directory"


def entries_for(service: str) -> str:
    """The subjects of what the directory tells one service."""
    return f"$KV.{DIRECTORY}.{service}.>"


def _follower(partner: Partner) -> dict[str, Any]:
    """Its keeper follows the whole directory, anybody else what it is told of people."""
    is_keeper = partner.directory == Directory.KEEPS
    return _READER | {"filter_subjects": [] if is_keeper else [entries_for(partner.service)]}


def _streams(consortium: Consortium, max_bytes: int) -> dict[str, dict[str, Any]]:
    """What is each stream's own."""
    facts = {
        "subjects": [f"essaim.*.{service}.*.*.*.*" for service in consortium.services],
        "max_bytes": max_bytes,
        # Refuse rather than forget: the outboxes hold what the stream refuses.
        "discard": "new",
        "duplicate_window": 120 * _NANO,
        "allow_atomic": True,
        "allow_direct": True,
        "max_msg_size": MOST,
    }
    dead = {
        "subjects": ["essaim-dead.>"],
        "max_bytes": _GIB // 4,
        "discard": "old",
        "max_msg_size": MOST,
    }
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
        "max_msg_size": 64 * _KIB,
    }
    return {FACTS: facts, DEAD: dead, ADVISORIES: advisories, BUCKET: directory}


def wanted(consortium: Consortium) -> Topology:
    """The same on this deployment: ESSAIM_NATS_REPLICAS, and ESSAIM_STREAM_MAX_BYTES in bytes."""
    settings = read_settings(Settings)
    return declared(
        consortium, replicas=settings.nats_replicas, max_bytes=settings.stream_max_bytes
    )


def heard_subjects(
    types: frozenset[str] | None, programmes: frozenset[str] | None = None
) -> list[str]:
    """The subjects of the facts of these types in these programmes; None and none mean all."""
    subjects = ["essaim.*.>"] if types is None else sorted(map(subjects_of_type, types))
    if programmes is None:
        return [] if types is None else subjects
    return sorted(one for subject in subjects for one in subjects_in(programmes, subject))


def subjects_in(programmes: frozenset[str] | None, subject: str) -> list[str]:
    """A subject of any programme (`essaim.*.…`), narrowed to these and what is of no single one."""
    if programmes is None:
        return [subject]
    rest = subject.removeprefix("essaim.*.")
    return [f"essaim.{programme}.{rest}" for programme in sorted({*programmes, NETWORK})]


_READER: dict[str, Any] = {
    "deliver_policy": "all",
    # Who reads sets it to the start first, and keeps its place itself.
    "ack_policy": "none",
    "filter_subjects": [],
}


def _consumer(
    hears: frozenset[str] | None, programmes: frozenset[str] | None = None
) -> dict[str, Any]:
    return {
        "deliver_policy": "all",
        # One acknowledgement for a whole chunk: measured twice the rate of one for each fact.
        "ack_policy": "all",
        "ack_wait": 30 * _NANO,
        # The inbox counts attempts itself: the broker must never give a fact up.
        "max_deliver": -1,
        "max_ack_pending": 4096,
        "filter_subjects": heard_subjects(hears, programmes),
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
    steps += await _plan_consumers(connection, FACTS, topology.consumers)
    steps += await _plan_consumers(connection, BUCKET, topology.followers)
    for name in topology.unused:
        if "error" not in await ask_jetstream(connection, f"CONSUMER.INFO.{FACTS}.{name}"):
            request = (f"CONSUMER.DELETE.{FACTS}.{name}", dict[str, Any]())
            steps.append(Step(f"consumer {name}", "delete: nobody reads it", request))
    return steps


async def _plan_consumers(
    connection: Client, stream: str, consumers: dict[str, dict[str, Any]]
) -> list[Step]:
    steps = []
    for name, wanted in consumers.items():
        found = await ask_jetstream(connection, f"CONSUMER.INFO.{stream}.{name}")
        config = wanted | {"name": name, "durable_name": name}
        subject = f"CONSUMER.DURABLE.CREATE.{stream}.{name}"
        if "error" in found:
            request = (subject, {"stream_name": stream, "config": config, "action": "create"})
            steps.append(Step(f"consumer {name}", "create", request))
        elif differing := differences(wanted, found["config"]):
            request = (subject, {"stream_name": stream, "config": config, "action": "update"})
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
        present = _filter(found) if name == "filter_subjects" else found.get(name)
        if present is None:
            present = type(value)()
        if present != value:
            differing.append(f"{name} is {present!r}, declared {value!r}")
    return "; ".join(differing)


def _filter(config: dict[str, Any]) -> list[str]:
    """The subjects a consumer is filtered by, which the server says in either of two places."""
    one = config.get("filter_subject")
    return sorted(config.get("filter_subjects") or ([one] if one else []))


def _in_any_programme(subject: str) -> str:
    return f"essaim.*.{subject.removeprefix('essaim.').partition('.')[2]}"


class NotAsDeclared(Exception):
    """The consumer is missing or differs; the operator mends it."""

    def __init__(self, steps: list[Step]) -> None:
        what = "; ".join(f"{step.what}: {step.change}" for step in steps)
        super().__init__(
            f"The broker differs from the declared topology ({what}). "
            "The operator runs `essaim topology plan`, then `essaim topology apply`."
        )


async def check_consumer(connection: Client, service: str, hears: frozenset[str] | None) -> None:
    """See that a service's consumer brings what it hears, in the way it is declared.

    It may bring more: the operator's version of the service may be newer than ours.

    Raises:
        NotAsDeclared: it is missing or differs, with what differs.
    """
    found = await ask_jetstream(connection, f"CONSUMER.INFO.{FACTS}.{service}")
    if "error" in found:
        raise NotAsDeclared([Step(f"consumer {service}", found["error"]["description"])])
    wanted = _consumer(hears)
    filter = _filter(found["config"])
    # Of which programmes is the operator's to say.
    brought = {_in_any_programme(subject) for subject in filter} - {"essaim.*.>"}
    if not brought or (hears is not None and set(wanted["filter_subjects"]) <= brought):
        wanted["filter_subjects"] = filter
    differing = differences(wanted, found["config"])
    if differing:
        raise NotAsDeclared([Step(f"consumer {service}", differing)])

"""A service as FastStream describes it: AsyncAPI of what it hears, says and is asked."""

from collections.abc import Callable
from typing import Any

from essaim_contracts import Fact, all_facts
from essaim_contracts.envelope import subjects_of
from faststream.nats import JStream, NatsBroker
from faststream.specification import AsyncAPI

from essaim.broker.topology import FACTS
from essaim.service import Service


def describe(service: Service) -> dict[str, Any]:
    """AsyncAPI 3. The broker it is made from is never started.

    Not where the service runs: a router of questions has one broker, and would leave that one.
    """
    nats = NatsBroker(description=f"The consortium's NATS, for {service.name}")
    stream = JStream(FACTS, declare=False)
    for fact in _heard(service):
        hear = nats.subscriber(
            subjects_of(fact), stream=stream, title=fact.type, description=_first_line(fact)
        )
        hear(_handler_of(fact))
    for fact in service.says:
        nats.publisher(subjects_of(fact), stream=stream, title=fact.type, schema=fact)
    for router in service.answers:
        nats.include_router(router)
    specification = AsyncAPI(nats, title=f"Essaim {service.name}").to_specification()
    return dict(specification.to_jsonable())


def _heard(service: Service) -> list[type[Fact]]:
    types = service.hearing.types
    return [fact for fact in all_facts() if types is None or fact.type in types]


def _first_line(fact: type[Fact]) -> str:
    return (fact.__doc__ or "").partition("\n")[0]


def _handler_of(fact: type[Fact]) -> Callable[[Fact], None]:
    """FastStream reads the payload from the annotation of a function."""

    def handle(said: Fact) -> None: ...

    handle.__annotations__ = {"said": fact, "return": None}
    return handle

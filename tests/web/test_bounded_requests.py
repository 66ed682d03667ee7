"""No route takes a day, an instant or a number without bounds: a new one cannot forget them."""

from collections.abc import Iterator
from typing import Any

import pytest
from essaim.service import Service, installed_services
from fastapi import FastAPI

SERVICES = installed_services()


def described(service: Service) -> dict[str, Any]:
    app = FastAPI()
    for router in service.routers:
        app.include_router(router)
    return app.openapi()


def asked(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Where something is asked, and its schema."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            for given in operation.get("parameters", ()):
                yield f"{where} {given['name']}", given["schema"]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield where, content["schema"]


def parts_of(schema: Any, document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and all it is made of."""
    if isinstance(schema, list):
        for one in schema:
            yield from parts_of(one, document)
    if not isinstance(schema, dict):
        return
    yield schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield from parts_of(document["components"]["schemas"][name], document)
    for value in schema.values():
        yield from parts_of(value, document)


@pytest.mark.parametrize("service", SERVICES)
def test_days_and_instants_are_of_years_we_reckon_with(service: str) -> None:
    document = described(SERVICES[service])

    unbounded = [
        (where, part)
        for where, schema in asked(document)
        for part in parts_of(schema, document)
        if part.get("format") in ("date", "date-time") and "x-years" not in part
    ]

    assert unbounded == [], "Take essaim.text.bounded.DayIn or InstantIn."


@pytest.mark.parametrize("service", SERVICES)
def test_whole_numbers_say_how_large_they_may_be(service: str) -> None:
    document = described(SERVICES[service])

    unbounded = [
        (where, part)
        for where, schema in asked(document)
        for part in parts_of(schema, document)
        if part.get("type") in ("integer", "number") and not part.keys() >= {"minimum", "maximum"}
    ]

    assert unbounded == []

"""What people write is clean before a route reads it, and no field can be forgotten."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from essaim.person import Person, Role
from essaim.refusal import Refusals
from essaim.service import installed_services
from essaim.text.written import ONE_LINE, Cleaned, Line, Paragraphs
from essaim.web.forms import read_form
from essaim.web.written import Body, CleanQuery, cleaned_form
from fastapi import UploadFile
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from gazette.visits import bearer
from pydantic import BaseModel, Field, StringConstraints
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

ROOT = Path(__file__).parents[2]


class Notice(Body):
    title: Annotated[str, Field(min_length=1, max_length=20), ONE_LINE]
    text: Paragraphs = ""
    tags: list[Line] = Field(default_factory=list)


def test_the_texts_of_a_body_come_in_clean() -> None:
    notice = Notice.model_validate(
        {
            "title": " E\u0301tude\u200b\r\nBcc: x ",
            "text": "\ufeff un\r\ndeux\x00 ",
            "tags": ["\u202ea"],
        }
    )

    assert notice == Notice(title="Étude Bcc: x", text="un\ndeux", tags=["a"])


def test_a_form_that_shows_nothing_is_empty() -> None:
    form = cleaned_form(FormData([("title", "\u3164\u200b"), ("text", "a\rb")]))

    assert dict(form) == {"title": "", "text": "a\nb"}
    with pytest.raises(Refusals) as refused:
        read_form(form, Notice)
    assert [(one.field, one.code) for one in refused.value.all] == [("title", "missing")]


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    await JSONResponse(request.query_params.multi_items())(scope, receive, send)


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("q=plan+vert&page=2", [["q", "plan vert"], ["page", "2"]]),
        ("q=e%CC%81cole&q=&empty", [["q", "école"], ["q", ""], ["empty", ""]]),
        ("q=%00%E2%80%8B", [["q", ""]]),
        ("q=plan%C2%A0d%27affaires%0D%0A", [["q", "plan d'affaires"]]),
        ("next=%2Fa%3Fb%3D1%26c%3D%252F", [["next", "/a?b=1&c=%2F"]]),
        ("q=%FF%ED%A0%80", [["q", "\ufffd\ufffd\ufffd\ufffd"]]),
        ("q=%", [["q", "%"]]),
        ("q=a%2Bb", [["q", "a+b"]]),
    ],
)
def test_a_query_comes_in_clean(query: str, read: list[list[str]]) -> None:
    assert TestClient(CleanQuery(_echo)).get(f"/?{query}").json() == read


@pytest.mark.parametrize("depth", [21, 300, 700, 5_000, 100_000])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_body_nested_without_end_is_refused_and_no_error_of_ours(
    browser: TestClient, somebody: Callable[..., Person], depth: int
) -> None:
    headers = bearer(somebody(Role.COORDINATOR))
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        body = '{"title": ' + opening * depth + "1" + closing * depth + "}"
        refused = browser.post(
            "/gazette/api/notices",
            content=body,
            headers=headers | {"Content-Type": "application/json"},
        )
        assert refused.status_code in (400, 422)


# --- nothing is forgotten


def routes() -> Iterator[tuple[str, APIRoute]]:
    for name, service in installed_services().items():
        for router in service.routers:
            for route in router.routes:
                assert isinstance(route, APIRoute)
                yield name, route


def bodies() -> Iterator[tuple[str, Any]]:
    """Where a body comes in, and what it is."""
    for name, route in routes():
        for given in route.dependant.body_params:
            for kind in _alternatives(given.field_info.annotation):
                yield f"{name} {route.path}", kind


def _alternatives(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) in (Union, UnionType):
        yield from (one for one in get_args(annotation) if one is not type(None))
    else:
        yield annotation


def bare_texts(kind: Any, path: str, said: tuple[Any, ...] = ()) -> Iterator[str]:
    """The texts in a model that do not say whether they are one line or several."""
    if get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        yield from bare_texts(inner, path, (*said, *more))
    elif kind is str:
        if not _is_bounded(said):
            yield path
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield from bare_texts(field.annotation, f"{path}.{name}", tuple(field.metadata))
    else:
        for part in get_args(kind):
            yield from bare_texts(part, path, said)


def _is_bounded(said: tuple[Any, ...]) -> bool:
    """It is cleaned last, or has a pattern, in which there is room for nothing else.

    Last: a length asked of a text that is not clean yet is another length.
    """
    is_pattern = any(getattr(one, "pattern", None) is not None for one in said)
    return is_pattern or (len(said) > 0 and isinstance(said[-1], Cleaned))


def test_a_text_that_says_nothing_of_itself_would_be_found() -> None:
    class Forgetful(Body):
        note: str | None
        names: dict[str, list[Annotated[str, StringConstraints(max_length=9)]]]
        title: Annotated[Line, StringConstraints(max_length=9)]

    found = ["body.note", "body.names", "body.names", "body.title"]
    assert list(bare_texts(Forgetful, "body")) == found
    assert list(bare_texts(Notice, "body")) == []


def test_every_body_is_cleaned_and_every_text_in_it_says_what_it_is() -> None:
    found = list(bodies())

    assert len(found) > 25
    for where, kind in found:
        # The files of programmes and tracks are bytes, which `yaml_source` reads and cleans.
        is_clean = isinstance(kind, type) and issubclass(kind, Body | UploadFile | bytes)
        assert is_clean, f"{where} takes {kind}: derive it from essaim.web.written.Body"
        assert list(bare_texts(kind, where)) == [], "make it a Line or Paragraphs"


def test_no_service_reads_a_request_behind_the_back_of_what_cleans_it() -> None:
    found = {
        f"{file.relative_to(ROOT)}: {read[0]}"
        for folder in (*ROOT.glob("services/*/*/"), ROOT / "chassis/essaim")
        for file in folder.rglob("*.py")
        for read in re.finditer(r"request\.(body|form|json|stream)\(", file.read_text("utf-8"))
    }

    assert found == {
        "chassis/essaim/web/first_process.py: request.stream(",  # to the process that cleans it
        "chassis/essaim/web/forgery.py: request.body(",
        "chassis/essaim/web/forgery.py: request.form(",
        "chassis/essaim/web/forms.py: request.form(",
    }

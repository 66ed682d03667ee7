"""What a JSON API says of its lists: the query parameters, made from the lists themselves."""

from collections.abc import Callable, Iterator
from inspect import Parameter, Signature
from typing import Annotated, Any

from fastapi import Query, Request

from essaim.web.listing import LARGEST_PAGE, LAST_PAGE, Listing

PageIn = Annotated[int, Query(ge=1, le=LAST_PAGE, description="Which page of the list, from 1.")]
SizeIn = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many items a page has.")]


class _Described:
    def __init__(self, listing: Listing) -> None:
        request = Parameter("request", Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
        self.asked_by = listing.asked_by
        self.__signature__ = Signature([request, *_parameters(listing)])

    def __call__(self, request: Request, **_: Any) -> None:
        request.state.listed_by = self.asked_by


def takes(listing: Listing) -> Callable[..., None]:
    """Describes a list to programs: `dependencies=[Depends(takes(LIST))]`.

    Where a list is made for each request, `listing` stands for all of them: a filter without
    choices there takes any word. `Listing.page` refuses a list with more than was said here.
    """
    return _Described(listing)


def _parameters(listing: Listing) -> Iterator[Parameter]:
    for one in listing.filters:
        if one.described:
            known = [value for value, _ in one.choices]
            yield _text(one.name, "", one.described, known)
    sortable = [sign + name for name in listing.sortable for sign in ("", "-")]
    order = "What orders the list; `-` the other way round."
    yield _text("sort", listing.sort, order, sortable)
    yield _parameter("page", PageIn, 1)
    yield _parameter("size", SizeIn, listing.size)


def _text(name: str, default: str, description: str, known: list[str]) -> Parameter:
    # Said and not declared: the list itself refuses another value, in its own words.
    enum = {"enum": list(dict.fromkeys(["", *known]))} if known else None
    query = Query(description=description, json_schema_extra=enum)
    return _parameter(name, Annotated[str, query], default)


def _parameter(name: str, annotation: Any, default: Any) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)

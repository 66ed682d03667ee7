"""Shared resources: what is said of one, and how it is answered."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from essaim import Role
from essaim.text.written import ONE_LINE, PARAGRAPHS, PublicLabel
from pydantic import BaseModel, StringConstraints

from candidatures.resource import Described, Resource
from candidatures.schemas.body import Body

Short = Annotated[str, StringConstraints(min_length=1, max_length=120), ONE_LINE]


class ResourceBody(Body):
    title: PublicLabel
    theme: Short
    """Under which it stands in the library."""
    description: Annotated[str, StringConstraints(max_length=2000), PARAGRAPHS] = ""
    licence: Short
    """Under which it may be used: CC BY 4.0, all rights reserved…"""
    owner: PublicLabel
    """The organisation that it belongs to."""
    audience: tuple[Role, ...] = ()
    """For whom; nobody named, everybody of the programme."""
    edition_id: UUID | None = None
    """The edition it is for; none, all of them."""
    link: Annotated[str, StringConstraints(max_length=2000), ONE_LINE] | None = None
    """The address of a page, where it is no file."""


def described(body: ResourceBody) -> Described:
    return Described(**body.model_dump(exclude={"link"}))


class ResourceAnswer(BaseModel):
    id: UUID
    programme: str
    title: str
    theme: str
    description: str
    licence: str
    owner: str
    audience: list[Role]
    edition_id: UUID | None
    version: int
    link: str | None
    filename: str | None
    size: int | None
    """Of its file, in bytes."""
    withdrawn: bool
    changed_at: datetime


class ResourceList(BaseModel):
    items: list[ResourceAnswer]
    total: int


def resource_answer(resource: Resource) -> ResourceAnswer:
    return ResourceAnswer(
        **asdict(resource.described) | {"audience": list(resource.described.audience)},
        id=resource.id,
        programme=resource.programme,
        version=resource.version,
        link=resource.link,
        filename=resource.file.filename if resource.file else None,
        size=resource.file.size if resource.file else None,
        withdrawn=resource.withdrawn,
        changed_at=resource.changed_at,
    )

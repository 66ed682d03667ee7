"""The bodies of preferences in the JSON API."""

from essaim.web.written import Body
from pydantic import BaseModel

from notifications.message import Template


class CategoryAnswer(BaseModel):
    """Letters that are chosen together; `always`: they cannot be switched off."""

    category: str
    templates: list[Template]
    wanted: bool
    always: bool


class PreferenceList(BaseModel):
    items: list[CategoryAnswer]
    total: int


class PreferenceBody(Body):
    wanted: bool

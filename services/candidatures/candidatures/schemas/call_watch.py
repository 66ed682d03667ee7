"""Being told of the next call."""

from typing import Annotated, Literal

from pydantic import Field

from candidatures.schemas.body import Body


class WatchBody(Body):
    email: Annotated[str, Field(max_length=320)] = ""
    language: Literal["fr", "en"] = "fr"

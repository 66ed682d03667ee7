"""Being told of the next call."""

from typing import Annotated, Literal

from essaim.text.written import ONE_LINE
from pydantic import StringConstraints

from candidatures.schemas.body import Body


class WatchBody(Body):
    email: Annotated[str, StringConstraints(max_length=320), ONE_LINE] = ""
    language: Literal["fr", "en"] = "fr"

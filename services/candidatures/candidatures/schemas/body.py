"""What bodies of requests have in common."""

from typing import Annotated

from essaim.text.written import ONE_LINE, PARAGRAPHS
from essaim.web.written import Body as Body
from pydantic import StringConstraints

LongText = Annotated[str, StringConstraints(max_length=20_000), PARAGRAPHS]
ShortText = Annotated[str, StringConstraints(max_length=20_000), ONE_LINE]
"""A field of the form of a call, right or wrong: it is read when the application is sent."""

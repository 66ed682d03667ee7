"""Bodies of forms that set a programme up."""

from typing import Annotated

from essaim.text.bounded import DayIn
from essaim_contracts.fact import Slug
from pydantic import Field

from candidatures.form import Line
from candidatures.schemas.body import Body


class CopyForm(Body):
    number: Annotated[int, Field(ge=1, le=1000)]
    year: Annotated[int, Field(ge=2000, le=2200)]
    opens_on: DayIn
    """The first day of the edition to come."""


class ProgrammeForm(Body):
    """`slug` is made of the name where it is empty."""

    name: Line
    slug: Slug | None = None
    steward: Line
    coordinator: Line
    email: Line

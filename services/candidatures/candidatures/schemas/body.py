"""What every body of a request is: known fields, no NUL."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator

ShortText = Annotated[str, StringConstraints(max_length=20_000)]

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    @field_validator("*")
    @classmethod
    def _holds_no_nul(cls, value: Any) -> Any:
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("A text cannot hold the NUL character; PostgreSQL keeps none.")
        return value

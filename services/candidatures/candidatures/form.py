"""What a call asks of those who apply, and how the committee reads them.

Written in a programme file and kept with the call. Texts are French first; English may be absent.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from essaim.text.file_values import Day, Number, Whole, YesNo
from essaim.text.written import ONE_LINE, PARAGRAPHS
from essaim_contracts.fact import Slug
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

Line = Annotated[str, StringConstraints(min_length=1, max_length=300), ONE_LINE]
Paragraph = Annotated[str, StringConstraints(min_length=1, max_length=5000), PARAGRAPHS]


class Part(BaseModel):
    """A part of a programme file. `invented` marks what was made up for a demonstration."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    invented: YesNo = False


class Text(BaseModel):
    """A text in French, and in English where somebody wrote it. A bare string is French."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fr: Paragraph
    en: Paragraph | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        if not isinstance(value, str | dict):
            raise PydanticCustomError("text_or_languages", "a text, or one in each language")
        return {"fr": value} if isinstance(value, str) else value

    def say(self, language: str) -> str:
        return self.en if language == "en" and self.en else self.fr


class Choice(Part):
    code: Slug
    label: Text


class FileType(StrEnum):
    """The kinds of files a call may ask for: those whose content can be recognised."""

    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"
    XLSX = "xlsx"
    ODS = "ods"
    PPTX = "pptx"
    ODP = "odp"
    JPG = "jpg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    MP3 = "mp3"
    M4A = "m4a"
    OGG = "ogg"
    WAV = "wav"
    MP4 = "mp4"
    MOV = "mov"
    WEBM = "webm"


MEDIA_TYPES = {
    FileType.PDF: "application/pdf",
    FileType.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileType.ODT: "application/vnd.oasis.opendocument.text",
    FileType.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileType.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    FileType.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    FileType.ODP: "application/vnd.oasis.opendocument.presentation",
    FileType.JPG: "image/jpeg",
    FileType.PNG: "image/png",
    FileType.WEBP: "image/webp",
    FileType.HEIC: "image/heic",
    FileType.MP3: "audio/mpeg",
    FileType.M4A: "audio/mp4",
    FileType.OGG: "audio/ogg",
    FileType.WAV: "audio/wav",
    FileType.MP4: "video/mp4",
    FileType.MOV: "video/quicktime",
    FileType.WEBM: "video/webm",
}
_ALSO = {
    FileType.JPG: ("jpeg", "jpe", "jfif"),
    FileType.HEIC: ("heif",),
    FileType.OGG: ("oga", "opus"),
    FileType.WAV: ("wave",),
    FileType.MP4: ("m4v", "3gp"),
    FileType.MOV: ("qt",),
}
EXTENSIONS = {kind: (kind.value, *_ALSO.get(kind, ())) for kind in FileType}
"""How files of each kind are called, the usual one first."""
USUAL = tuple(kind for kind in FileType if not MEDIA_TYPES[kind].startswith(("audio/", "video/")))
"""What is accepted where a call does not say: no sound and no film."""


class DocumentAsked(Part):
    code: Slug
    label: Text
    required: YesNo = False
    allowed: Annotated[tuple[FileType, ...], Field(min_length=1)] = USUAL
    max_mb: Annotated[Whole, Field(ge=1, le=30)] = 20
    """The largest file, in megabytes of 1,000,000 bytes; no request may exceed 32."""
    hint: Text | None = None
    identifying: YesNo = False
    """Whether it says who applies, as a CV does: an anonymous round does not read it."""
    max_months: Annotated[Whole, Field(ge=1, le=120)] | None = None
    """How old it may be: its date is asked."""
    expires: YesNo = False
    """Whether it says until when it is valid: that day is asked."""

    @model_validator(mode="after")
    def _is_dated_one_way(self) -> Self:
        if self.max_months and self.expires:
            raise PydanticCustomError("dated_twice", "one of both", {"item": self.code})
        return self

    @property
    def is_dated(self) -> bool:
        return self.expires or self.max_months is not None

    @property
    def accept(self) -> str:
        """What a browser offers to choose from: by extension, since its types are often wrong."""
        return ",".join(f".{one}" for kind in self.allowed for one in EXTENSIONS[kind])

    @property
    def max_bytes(self) -> int:
        return self.max_mb * 1_000_000


class Criterion(Part):
    code: Slug
    label: Text
    weight: Annotated[Number, Field(gt=0, le=1000)]
    max_score: Annotated[Whole, Field(ge=1, le=100)] = 5


class Round(Part):
    """One time round of the committee: what it scores, until when, and whether it knows who."""

    title: Text | None = None
    anonymous: YesNo = False
    """Whether its members read without names, addresses and files' names, until the decision."""
    criteria: tuple[Slug, ...] = ()
    """What is scored, by code; every criterion where there is one round."""
    due_on: Day | None = None
    """The last day to score, where the coordination says none."""


def codes_of(choices: Sequence[Choice]) -> tuple[str, ...]:
    return tuple(choice.code for choice in choices)


def choice_name(choices: Sequence[Choice], code: str | None) -> str | None:
    """The public name of a code, as facts say it; None when the programme gave none."""
    return next((choice.label.fr for choice in choices if choice.code == code), None)


def choice_label(
    choices: Sequence[Choice | Criterion | DocumentAsked], code: str | None
) -> Text | str | None:
    """The label of a coded answer, the code itself when the programme no longer knows it."""
    for choice in choices:
        if choice.code == code:
            return choice.label
    return code

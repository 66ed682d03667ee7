"""What people write, cleaned once at the edge: pages, the API, files and their names alike.

Two texts that look the same are the same, no sign hides, and what is kept can be shown, searched,
mailed and put into a calendar. What carries meaning stays: emoji, the marks of every script, the
joiners that Persian and Hindi need, the no-break spaces of French typography.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from unicodedata import normalize

from essaim_contracts.fact import Label
from pydantic import GetCoreSchemaHandler, StringConstraints
from pydantic_core import core_schema

_EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_JOINING = "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18aa\ua840-\ua87f\ua8e0-\ua8ff"
"""Arabic, Syriac, N'Ko, the scripts of India, Tibet and Burma, Khmer, Mongolian."""
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("[\u1680\u2000-\u200a\u205f\u2800\u3000]")
_LOOSE_NO_BREAK = re.compile(
    "(?<![«‹0-9])[\u00a0\u202f](?![:;?!»›%€])|(?<=[0-9])[\u00a0\u202f](?![0-9:;?!»›%€])"
)
"""A no-break space where French typography has none: within a number, or beside a sign."""
_UNSEEN = re.compile(
    # A flag of a region: 🏴 with the letters of its code, which only programs read.
    "(?P<kept>\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f"
    # 👩‍🌾 is two signs joined; a variation selector says « as a picture », or which form of a Han.
    f"|(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])|(?<=[{_EMOJI}])[\ufe0e\ufe0f]"
    "|(?<=[0-9#*])\ufe0f(?=\u20e3)|(?<=[\u3400-\u9fff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"
    f"|(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}])"
    "|(?<=[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])\u200d"
    "|(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f])"
    # Controls, marks of direction, what has no width, blank letters, tags, halves of a sign,
    # private signs, and what is no character at all.
    "|[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffc\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\ue000-\uf8ff"
    "\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
    f"|[{''.join(chr(plane << 16 | last) for plane in range(1, 14) for last in (0xFFFE, 0xFFFF))}]"
)
_MARKS_OF_DIRECTION = "\u061c\u200e\u200f"


def cleaned(text: str) -> str:
    """A text of several lines, without what nobody sees; empty when nothing else is in it."""
    text = _LINE_ENDS.sub("\n", text)
    # In a text that runs from right to left, these marks put the full stop where it belongs.
    marks = _MARKS_OF_DIRECTION if _RIGHT_TO_LEFT.search(text) else ""
    text = _UNSEEN.sub(lambda found: _seen(found, marks), text)
    text = _LOOSE_NO_BREAK.sub(" ", _SPACES.sub(" ", text.replace("\u2007", "\u00a0")))
    return normalize("NFC", text) if text.strip() else ""


def _seen(found: re.Match[str], marks: str) -> str:
    return found[0] if found["kept"] or found[0] in marks else ""


def one_line(text: str) -> str:
    """A text on one line, each of its blanks one space, and none around it."""
    return " ".join(cleaned(text).split())


_DEEPEST = 20


def all_cleaned(value: Any, depth: int = 0) -> Any:
    """A value as JSON has it, each text in it cleaned, its keys too.

    Raises:
        ValueError: it is nested deeper than anything of ours, and could exhaust the stack.
    """
    if depth > _DEEPEST:
        raise ValueError(
            f"Nested more than {_DEEPEST} levels deep. Send what the schema describes."
        )
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, Mapping):
        return {cleaned(name): all_cleaned(one, depth + 1) for name, one in value.items()}
    return [all_cleaned(one, depth + 1) for one in value] if _is_list(value) else value


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


# --- types of the fields that people fill


@dataclass(frozen=True)
class Cleaned:
    """Cleans a text before anything is asked of it: the last in `Annotated[str, …, ONE_LINE]`.

    Tests look for it on every field of every door.
    """

    clean: Callable[[str], str]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self._apply, handler(source))

    def _apply(self, value: Any) -> Any:
        return self.clean(value) if isinstance(value, str) else value


def _paragraphs(text: str) -> str:
    return cleaned(text).strip()


ONE_LINE, PARAGRAPHS = Cleaned(one_line), Cleaned(_paragraphs)

Line = Annotated[str, ONE_LINE]
"""A text on one line, which may be empty."""

Paragraphs = Annotated[str, PARAGRAPHS]
"""A text of several lines, which may be empty."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200), ONE_LINE]
"""What somebody is called."""

PublicLabel = Annotated[Label, ONE_LINE]
"""The public name of a thing, as facts say it."""

"""The words of a letter, in the language of its reader.

A template in `<language>/` is plain text: the subject, an empty line, then blocks. Three forms are
known: a paragraph (its lines are joined), a list (every line begins with « – ») and a link
(« → Label : address »).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from essaim.clock import PARIS
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.message import Template, Text

_LOCALES = {"fr": "fr_FR", "en": "en_GB"}
FOLDER = Path(__file__).parent


def write(template: Template, language: str, name: str, details: Mapping[str, Any]) -> Text:
    """Fill a template. `name` is the reader's; instants and dates in `details` are ISO texts.

    Raises:
        jinja2.UndefinedError: the template asks for a detail that is not there.
    """
    source = _environment(language).get_template(f"{template}.txt")
    written = _fold(source.render(details, name=name))
    subject, _, body = (_french_spaces(written) if language == "fr" else written).partition("\n\n")
    return Text(subject, body)


def footer(language: str, url: str) -> str:
    """Why the reader gets the message, and where her pages are."""
    written = _fold(_environment(language).get_template("footer.txt").render(url=url))
    return _french_spaces(written) if language == "fr" else written


def _fold(written: str) -> str:
    """One line per paragraph and per list item, one empty line between blocks."""
    blocks = re.split(r"\n\s*\n", written.strip())
    return re.sub(r"\n(– .*)\n\n(?=– )", r"\n\1\n", "\n\n".join(_fold_block(b) for b in blocks))


def _fold_block(block: str) -> str:
    return re.sub(r"\n(?!– )", " ", re.sub(r"[ \t]+", " ", block))


def _french_spaces(text: str) -> str:
    """No line may begin with a punctuation mark, or end with an opening one."""
    return re.sub("« ", "«\N{NO-BREAK SPACE}", re.sub(" ([:;?!»€])", "\N{NO-BREAK SPACE}\\1", text))


@cache
def _environment(language: str) -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(FOLDER / language),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        finalize=one_line,
    )
    environment.filters |= {
        "day": lambda iso: _day(_local(iso), language),
        "hour": lambda iso: _hour(_local(iso), language),
        "instant": lambda iso: _instant(_local(iso), language),
        "euros": lambda amount: _euros(amount, language),
        "words": lambda slug: slug.replace("-", " "),
    }
    environment.globals["period"] = lambda start, end: _period(_local(start), _local(end), language)
    environment.globals["words"] = environment.get_template("words.txt").module
    return environment


# Every white space and control character but the two no-break spaces of French.
_BREAKS = re.compile(r"[^\S\u00a0\u202f\x00-\x1f]+|[\x00-\x1f\x7f-\x9f]+")


def one_line(value: Any) -> Any:
    """A value stays inside its paragraph, whatever it holds."""
    return _BREAKS.sub(" ", value) if isinstance(value, str) else value


def _local(iso: str) -> datetime:
    """An instant as Paris has it; a day alone is its midnight there."""
    read = datetime.fromisoformat(iso)
    return read.astimezone(PARIS) if read.tzinfo else read.replace(tzinfo=PARIS)


def _day(instant: datetime, language: str) -> str:
    written = format_date(instant.date(), "EEEE d MMMM y", locale=_LOCALES[language])
    is_first = language == "fr" and instant.day == 1
    return written.replace(" 1 ", " 1er ") if is_first else written


def _hour(instant: datetime, language: str) -> str:
    pattern = "H\N{NO-BREAK SPACE}'h'\N{NO-BREAK SPACE}mm" if language == "fr" else "H:mm"
    # The time as it stands: babel would turn an aware instant into UTC.
    return format_time(instant.time(), pattern, locale=_LOCALES[language])


def _instant(instant: datetime, language: str) -> str:
    at = "à" if language == "fr" else "at"
    return f"{_day(instant, language)} {at} {_hour(instant, language)}"


def _period(start: datetime, end: datetime, language: str) -> str:
    if start.date() == end.date():
        span = "{day}, de {start} à {end}" if language == "fr" else "{day}, from {start} to {end}"
        return span.format(
            day=_day(start, language), start=_hour(start, language), end=_hour(end, language)
        )
    span = "du {start} au {end}" if language == "fr" else "from {start} to {end}"
    return span.format(start=_instant(start, language), end=_instant(end, language))


def _euros(amount: int, language: str) -> str:
    number = format_decimal(amount, locale=_LOCALES[language])
    return f"{number} €" if language == "fr" else f"€{number}"

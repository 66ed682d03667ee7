"""The words of a letter, in the language of its reader.

A template in `<language>/` is plain text: the subject, an empty line, then blocks. Three forms are
known: a paragraph (its lines are joined), a list (every line begins with « – ») and a link
(« → Label : address »).
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from essaim.text import formats
from essaim.text.typography import FrenchTemplates
from essaim_contracts.words import SESSION_KINDS
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.message import LANGUAGES, Template, Text

FOLDER = Path(__file__).parent


def write(
    template: Template,
    language: str,
    name: str,
    details: Mapping[str, Any],
    own: Mapping[str, str] | None = None,
) -> Text:
    """Fill a template. `name` is the reader's; instants and dates in `details` are ISO texts.

    `own` are texts that stand in the place of shipped ones, by the name of their file.

    Without a name the address is not proved to be of whoever gave it: the letter then holds none
    of her words, which might be anybody's.

    Raises:
        jinja2.UndefinedError: the template asks for a detail that is not there.
    """
    if not name:
        name, details = _READER[language], _without_her_words(details, language)
    source = _with_own(_environment(language), own or {}).get_template(f"{template}.txt")
    subject, _, body = _fold(source.render(details, name=name)).partition("\n\n")
    return Text(subject, body)


def shipped(name: str) -> dict[str, str]:
    """A text as it comes with the program, by language."""
    texts = {one: (FOLDER / one / f"{name}.txt").read_text(encoding="utf-8") for one in LANGUAGES}
    return {language: text.strip() + "\n" for language, text in texts.items()}


def _with_own(environment: jinja2.Environment, own: Mapping[str, str]) -> jinja2.Environment:
    if not own or environment.loader is None:
        return environment
    loader = jinja2.DictLoader({f"{name}.txt": text for name, text in own.items()})
    return environment.overlay(loader=jinja2.ChoiceLoader([loader, environment.loader]))


def leading_to(url: str, template: str, text: Text, language: str, programme: str | None) -> Text:
    """A text with the link to the page it is about, before its closing.

    Where pages are is known when a letter leaves, not when it is written. `programme` is the name
    under which it was signed.
    """
    words = _environment(language)
    link = _fold(words.get_template("page.txt").render(template=template, url=url))
    signed = words.get_template("closing.txt").render(programme_name=programme)
    closing = "\n\n" + _fold(signed)
    if not text.body.endswith(closing):
        return Text(text.subject, f"{text.body}\n\n{link}")
    return Text(text.subject, f"{text.body.removesuffix(closing)}\n\n{link}{closing}")


_READER = {"fr": "à vous", "en": "reader"}
_PROJECT = {"fr": "votre projet", "en": "your project"}


def _without_her_words(details: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A project is then called by the number of its application."""
    called = details.get("number") or _PROJECT[language]
    hers = {"project_title": called, "project_titles": [called]}
    return dict(details) | {key: value for key, value in hers.items() if details.get(key)}


def footer(
    language: str, url: str, programme: str | None, about: str | None, leaving: str | None = None
) -> str:
    """Why the reader gets the message, where her pages are, and the page `about` the programme.

    `leaving` is where she says that she does not want such letters.
    """
    words = _environment(language).get_template("footer.txt")
    return _fold(words.render(url=url, programme_name=programme, about=about, leaving=leaving))


def _fold(written: str) -> str:
    """One line per paragraph and per list item, one empty line between blocks."""
    blocks = re.split(r"\n\s*\n", written.strip())
    return re.sub(r"\n(– .*)\n\n(?=– )", r"\n\1\n", "\n\n".join(_fold_block(b) for b in blocks))


def _fold_block(block: str) -> str:
    return re.sub(r"\n(?!– )", " ", re.sub(r"[ \t]+", " ", block))


@cache
def _environment(language: str) -> jinja2.Environment:
    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(FOLDER / language),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        finalize=one_line,
        extensions=[FrenchTemplates] if language == "fr" else [],
    )
    instant = datetime.fromisoformat
    environment.filters |= {
        "day": lambda iso: formats.full_day(_read(iso), language),
        "hour": lambda iso: formats.time(instant(iso), language),
        "instant": lambda iso: formats.instant(instant(iso), language),
        "euros": lambda amount: formats.euros(amount, language),
        "session_kind": lambda code: SESSION_KINDS[code].say(language),
        "words": lambda slug: slug.replace("-", " "),
    }
    environment.globals["period"] = lambda start, end: formats.period(
        instant(start), instant(end), language
    )
    environment.globals["words"] = environment.get_template("words.txt").module
    return environment


# Every white space and control character but the two no-break spaces of French.
_BREAKS = re.compile(r"[^\S\u00a0\u202f\x00-\x1f]+|[\x00-\x1f\x7f-\x9f]+")


def one_line(value: Any) -> Any:
    """A value stays inside its paragraph, whatever it holds."""
    return _BREAKS.sub(" ", value) if isinstance(value, str) else value


def _read(iso: str) -> formats.Day:
    """A day, or an instant, as JSON holds them."""
    is_day = len(iso) == len("2020-01-15")
    return date.fromisoformat(iso) if is_day else datetime.fromisoformat(iso)

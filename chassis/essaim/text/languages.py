"""French and English: the words of a package, and whose words are spoken right now."""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from essaim_contracts.words import Words

from essaim.refusal import Refusal
from essaim.text import formats
from essaim.text.typography import typeset

LANGUAGES = {"fr": "Français", "en": "English"}
CHASSIS = "essaim"


def N_(msgid: str) -> str:
    """Mark a French text for translation without translating it yet."""
    return msgid


class _French(gettext.NullTranslations):
    """The msgids are the French words, typeset here; zero is singular in French."""

    def gettext(self, message: str) -> str:
        return typeset(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return typeset(msgid1 if abs(n) < 2 else msgid2)


@dataclass(frozen=True)
class Tongue:
    """One language with the words of one package; call it to translate."""

    language: str
    words: gettext.NullTranslations

    def __call__(self, msgid: str | Words, /, **values: Any) -> str:
        """Translate `msgid` and fill its `{named}` places; words of the contracts as a label."""
        if isinstance(msgid, Words):
            return msgid.label(self.language)
        text = self.words.gettext(msgid) if msgid else ""
        return text.format(**self._written(values)) if values else text

    def plural(self, one: str, many: str, number: int) -> str:
        return self.words.ngettext(one, many, number)

    def counted(self, one: str, many: str, number: int, /, **values: Any) -> str:
        """The same with its `{named}` places filled; `{number}` is how many."""
        return self.plural(one, many, number).format(**self._written(values | {"number": number}))

    def refusal(self, refusal: Refusal) -> str:
        """The sentence of a refusal; instants, days, numbers in it as people write them."""
        return self.words.gettext(refusal.message).format(**self._written(refusal.values))

    def _written(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self.write(value) for name, value in values.items()}

    def write(self, value: Any) -> Any:
        """A value as it stands in a sentence: « 1 500 ».

        What counts nothing, such as a year, is given as a text.
        """
        if isinstance(value, datetime):
            return formats.instant(value, self.language)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return formats.number(value, self.language)
        if isinstance(value, Refusal):
            return self.refusal(value)
        return formats.day(value, self.language) if isinstance(value, date) else value


_spoken: ContextVar[Tongue] = ContextVar("spoken")


@contextmanager
def speaking(package: str, language: str) -> Iterator[Tongue]:
    """Speak a language in this block: templates and their filters follow it."""
    tongue = tongue_of(package, language)
    token = _spoken.set(tongue)
    try:
        yield tongue
    finally:
        _spoken.reset(token)


def spoken() -> Tongue:
    """The language of the block we are in; French when nobody said."""
    return _spoken.get(tongue_of(CHASSIS, "fr"))


@cache
def tongue_of(package: str, language: str) -> Tongue:
    """The words of a package in a language; those it lacks come from the chassis."""
    if language != "en":
        return Tongue("fr", _French())
    words = _read(package)
    if package != CHASSIS:
        words.add_fallback(_read(CHASSIS))
    return Tongue("en", words)


def negotiate(accept_language: str) -> str:
    """The best language we have for an Accept-Language header, French when none fits."""
    wanted: list[tuple[float, str]] = []
    for part in accept_language.split(","):
        name, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((float(quality or 1), name.split("-")[0].strip().lower()))
        except ValueError:
            continue
    known = [(quality, name) for quality, name in wanted if name in LANGUAGES and quality > 0]
    return max(known, key=lambda pair: pair[0])[1] if known else "fr"


def package_folder(package: str) -> Path | None:
    """Where an installed package lies, None when there is none of that name."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def po_file(package_folder: Path) -> Path:
    return package_folder / "locale" / "en" / "LC_MESSAGES" / "messages.po"


def texts_of(package: str) -> frozenset[str]:
    """The texts that a package or the chassis has words for: any other one is somebody's."""
    return _own_texts(package) | _own_texts(CHASSIS)


@cache
def _own_texts(package: str) -> frozenset[str]:
    ids = (message.id for message in _catalogue(package) or ())
    return frozenset(text for id in ids for text in ([id] if isinstance(id, str) else id))


def _catalogue(package: str) -> Catalog | None:
    # The po file is the only one kept: a compiled copy would be one more thing to forget.
    folder = package_folder(package)
    if folder is None or not po_file(folder).exists():
        return None
    with po_file(folder).open("rb") as file:
        return read_po(file, locale="en")


def _read(package: str) -> gettext.NullTranslations:
    catalogue = _catalogue(package)
    if catalogue is None:
        return _French()
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)

"""Texts in another language than their page: they say which, for who listens to pages (WCAG 3.1.2).

What a programme's people write is French unless a language is named; pages are in the reader's.
"""

from typing import Protocol

from markupsafe import Markup

CONTENT_LANGUAGE = "fr"


class Sayable(Protocol):
    """A text in French, and maybe in other languages: `say` falls back on French."""

    def say(self, language: str) -> str: ...


class Foreign(str):
    """A text in `lang`, which the page around it does not speak: as HTML it carries a mark.

    It is a plain text everywhere else. In an attribute or an `<option>`, which hold no markup,
    write `plain`, with `lang` beside it.
    """

    lang: str

    def __html__(self) -> str:
        return Markup('<span lang="{}">{}</span>').format(self.lang, self.plain)

    @property
    def plain(self) -> str:
        return str(self)


def said(text: str | Sayable | None, page: str, language: str = CONTENT_LANGUAGE) -> str:
    """A text as a page in the language `page` says it, marked where it says it in another one.

    A bare text is in `language`; nothing stays nothing.
    """
    if text is None or isinstance(text, str):
        written = text or ""
    else:
        written = text.say(page)
        language = page if getattr(text, page, None) else CONTENT_LANGUAGE
    return written if language == page or not written else _foreign(written, language)


def _foreign(text: str, language: str) -> Foreign:
    foreign = Foreign(text)
    foreign.lang = language
    return foreign

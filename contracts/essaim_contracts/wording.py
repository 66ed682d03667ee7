"""What a value is called: the shape of the tables of words."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A thing's words as they stand inside a sentence, without a capital of their own."""

    fr: str
    en: str

    def say(self, language: str) -> str:
        """Inside a sentence; in French when the language is neither `fr` nor `en`."""
        return self.en if language == "en" else self.fr

    def label(self, language: str) -> str:
        """By itself, in a cell, a list or a title: with a capital."""
        words = self.say(language)
        return words[:1].upper() + words[1:]


Table = Mapping[str, Words]
"""Of the members of an enum, which are strings, or of other codes."""

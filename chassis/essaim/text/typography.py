"""French typography of our own texts, msgids and templates. What a person typed stays as it is."""

import re
from collections.abc import Iterable
from functools import lru_cache

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

NBSP = "\N{NO-BREAK SPACE}"

# Not before the place of a value: `pour %(name)s`.
_BEFORE = re.compile(r"(?<! ) (?=[:;?!»€]|%(?!\())")
_AFTER = re.compile("« ")


@lru_cache(maxsize=4096)
def typeset(text: str) -> str:
    """No line may begin with « : », nor end with an opening guillemet."""
    return _AFTER.sub(f"«{NBSP}", _BEFORE.sub(NBSP, text))


class FrenchTemplates(Extension):
    """Typesets what a French template says; the values it is filled with stay as they are."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        for token in stream:
            # A text between braces is ours too, as in join(" », « ").
            is_ours = token.type in ("data", "string")
            yield Token(token.lineno, token.type, typeset(token.value)) if is_ours else token

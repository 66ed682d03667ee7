"""How texts are found and put in order, as French readers expect: the same on every database.

Case, accents, ligatures and signs matter to neither at first. « œuvre », « OEUVRE » and « oeuvre »
are one word; É stands beside E. Between equals, accents decide, then capitals, which come last.
"""

import re
import unicodedata

_LONGEST = 150  # what is kept of each level of a key, in characters: an index takes 2,700 bytes
_LONGEST_SEARCH = 600
_LONGEST_QUERY = 300
_MOST_WORDS = 20

# What Unicode does not take apart.
_LETTERS = str.maketrans(
    {
        "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h",
        "ı": "i", "°": "o",
        # Letters that show nothing.
        "\u115f": None, "\u1160": None, "\u3164": None, "\uffa0": None,
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"\d+|[^\W\d_]+")


def search_words(text: str) -> list[str]:
    """The words somebody looks for, to find each anywhere in a `search_text`; signs are none."""
    return _WORD.findall(_plain(text[:_LONGEST_QUERY]))[:_MOST_WORDS]


def search_text(text: str) -> str:
    """What a text is found by: its words, and those that signs part written as one too."""
    plain = _plain(text)
    parted = " ".join(_WORD.findall(plain))
    joined = " ".join(filter(None, ("".join(_WORD.findall(one)) for one in plain.split())))
    return (parted if joined == parted else f"{parted} {joined}")[:_LONGEST_SEARCH]


def order_key(text: str) -> str:
    """Texts in the order of their keys, compared sign by sign, are in French order.

    Words count one by one, signs inside them do not: École, Éco-lieu, Épicerie. Numbers go by their
    value: 2, 10. Keys order by letters, then accents, then capitals.
    """
    letters = " ".join(filter(None, (_runs(one) for one in _plain(text).split())))
    apart = " ".join(unicodedata.normalize("NFD", text).split())
    levels = (letters, apart.casefold(), apart.swapcase())
    return "\t".join(level[:_LONGEST] for level in levels)


def _plain(text: str) -> str:
    """Small letters and figures without marks; what is no letter stays."""
    flat = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return "".join(_sign(one) for one in flat)


def _sign(sign: str) -> str:
    if sign.isascii():
        return sign
    category = unicodedata.category(sign)
    if category == "Nd":
        return str(unicodedata.decimal(sign))
    return "" if category[0] == "M" or category == "Cf" else sign


def _runs(word: str) -> str:
    return "".join(_by_value(run) if run.isdecimal() else run for run in _RUN.findall(word))


def _by_value(figures: str) -> str:
    """A longer number is a larger one: its length goes first."""
    number = figures.lstrip("0") or "0"
    length = len(number)
    return f"{length}{number}" if length < 9 else f"9{length:04}{number}"

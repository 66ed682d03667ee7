"""Numbers as people type them: 45 000, 3,5 or 3.5, exactly as they mean them."""

import re
from dataclasses import dataclass
from decimal import Decimal

_LONGEST = 40
_NUMBER = re.compile(r"([+-]?)([0-9]+|[0-9]{1,3}(?: [0-9]{3})+)(?:[.,]([0-9]+))?")


@dataclass(frozen=True)
class Bounds:
    """What a number is asked to be; both ends are included."""

    least: Decimal
    most: Decimal
    decimals: int = 0


def read_number(text: str, bounds: Bounds) -> Decimal | None:
    """The number a text writes; None when it writes none, or another one than is asked.

    Thousands may stand apart by a space of any kind; a comma and a point both begin decimals, of
    which there are never more than asked: nobody knows whether 1.500 is more than a thousand.
    """
    plain = " ".join(text[:_LONGEST].split()).replace("\N{MINUS SIGN}", "-")
    found = _NUMBER.fullmatch(plain)
    if found is None or len(text) > _LONGEST:
        return None
    sign, whole, decimals = found[1], found[2].replace(" ", ""), found[3] or ""
    if len(decimals) > bounds.decimals:
        return None
    number = Decimal(f"{sign}{whole}.{decimals or '0'}")
    return number if bounds.least <= number <= bounds.most else None


def plain_number(number: Decimal) -> str:
    """The one way a number is kept: 45000, 3.5, -0.25; the same for 3, 3.0 and 03."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text

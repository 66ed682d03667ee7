"""The fields of a form read one by one, and what is wrong with each, gathered."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal

from essaim.refusal import Refusal
from essaim.text.languages import N_
from essaim.text.mail_address import canonical_address
from essaim.text.written_number import Bounds, read_number

from candidatures.email_address import bad_email

Content = Mapping[str, str]
"""Field -> text, right or wrong."""

JOBS = Bounds(Decimal(0), Decimal(10_000))
_MAX_LINE = 200


class FieldReader:
    """Reads the fields of a content one by one and gathers what is wrong with them."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.refusals: list[Refusal] = []

    def text(self, name: str, required: bool, most: int | None = None) -> str | None:
        text = self.content.get(name, "").strip()
        if not text and required:
            self.refusals.append(missing(name))
        if most is not None and len(text) > most:
            self.refusals.append(too_long(name, text, most))
        return text or None

    def line(self, name: str, required: bool = True) -> str | None:
        return self.text(name, required, _MAX_LINE)

    def email(self, name: str) -> str:
        text = self.text(name, required=True) or ""
        try:
            return canonical_address(text) if text else ""
        except ValueError:
            self.refusals.append(bad_email(text, name))
            return text

    def choice(self, name: str, offered: Collection[str], required: bool = True) -> str | None:
        text = self.text(name, required)
        if text is None or text in offered:
            return text
        self.refusals.append(not_offered(name, text))
        return None

    def number(
        self,
        name: str,
        bounds: Bounds,
        read: Callable[[str], Decimal | None],
        required: bool = False,
    ) -> Decimal | None:
        text = self.text(name, required)
        if text is None:
            return None
        number = read(text)
        if number is None:
            self.refusals.append(no_number(name, text, bounds))
        return number

    def jobs(self) -> tuple[int | None, int | None]:
        """The range of jobs expected: both ends, or neither."""
        refused = len(self.refusals)
        low, high = self._jobs("jobs_min"), self._jobs("jobs_max")
        if len(self.refusals) > refused:
            return None, None
        if (low is None) != (high is None):
            self.refusals.append(half_a_range("jobs_min" if low is None else "jobs_max"))
        elif low is not None and high is not None and high < low:
            self.refusals.append(range_reversed("jobs_max", low, high))
        return (low, high) if len(self.refusals) == refused else (None, None)

    def _jobs(self, name: str) -> int | None:
        number = self.number(name, JOBS, lambda text: read_number(text, JOBS))
        return None if number is None else int(number)


# --- refusals, each at its field


def missing(name: str) -> Refusal:
    return Refusal("missing", "Remplissez ce champ : il est obligatoire.", field=name, status=422)


def too_long(name: str, text: str, most: int) -> Refusal:
    return Refusal(
        "too_long",
        "Ce texte a {count} caractères, au plus {most} sont acceptés. Raccourcissez-le.",
        field=name,
        status=422,
        count=len(text),
        most=most,
    )


def not_offered(name: str, text: str) -> Refusal:
    return Refusal(
        "not_offered",
        "« {text} » n’est pas dans la liste. Choisissez-y.",
        field=name,
        status=422,
        text=text[:40],
    )


def no_number(name: str, text: str, bounds: Bounds) -> Refusal:
    wrong = not_a_number if bounds.decimals else not_a_whole_number
    return wrong(name, text, bounds)


def not_a_whole_number(name: str, text: str, bounds: Bounds) -> Refusal:
    return Refusal(
        "not_a_number",
        "« {text} » n’est pas un nombre entier de {least} à {most}. Écrivez-le en chiffres.",
        field=name,
        status=422,
        text=text[:40],
        least=bounds.least,
        most=bounds.most,
    )


_ONE_DECIMAL = N_(
    "« {text} » n’est pas un nombre de {least} à {most}, avec une décimale au plus. Écrivez-le en "
    "chiffres."
)
_MANY_DECIMALS = N_(
    "« {text} » n’est pas un nombre de {least} à {most}, avec {decimals} décimales au plus. "
    "Écrivez-le en chiffres."
)


def not_a_number(name: str, text: str, bounds: Bounds) -> Refusal:
    return Refusal(
        "not_a_number",
        _ONE_DECIMAL if bounds.decimals == 1 else _MANY_DECIMALS,
        field=name,
        status=422,
        text=text[:40],
        least=bounds.least,
        most=bounds.most,
        decimals=bounds.decimals,
    )


def half_a_range(name: str) -> Refusal:
    return Refusal(
        "missing",
        "Écrivez les deux nombres, le plus bas et le plus haut, ou aucun.",
        field=name,
        status=422,
    )


def range_reversed(name: str, low: Decimal | int, high: Decimal | int) -> Refusal:
    return Refusal(
        "range_reversed",
        "Le nombre le plus haut ({high}) est plus petit que le plus bas ({low}). Échangez-les.",
        field=name,
        status=422,
        high=high,
        low=low,
    )

"""Comments of the committee on a criterion or a whole application, private or for the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from essaim.refusal import Refusal, Refusals

from candidatures.form import Criterion

WHOLE = ""
"""The criterion of a comment on the whole application."""

LONGEST = 5000
QUOTED = 1000
"""Signs of a comment that a refusal gives back."""


@dataclass(frozen=True)
class Written:
    """What a member writes; a private comment is read by nobody else."""

    text: str
    private: bool = False


@dataclass(frozen=True)
class Comment:
    evaluator_id: UUID
    criterion: str
    text: str
    private: bool


@dataclass(frozen=True)
class Own:
    """A member's own comments on an application, by criterion; `version` counts how often saved."""

    comments: Mapping[str, Written]
    version: int = 0


def changed(own: Own, written: Mapping[str, Written], version: int) -> dict[str, Written]:
    """What to save of what she writes over `version`.

    Raises:
        Refusal: (409) she wrote something else meanwhile, elsewhere.
    """
    new = {
        code: one
        for code, one in written.items()
        if one != own.comments.get(code, Written("", one.private))
    }
    if new and version != own.version:
        raise comments_stale()
    return new


def mark(one: Written | None) -> str:
    """A short mark of what was written, by which a form says what stood in it."""
    if one is None or not one.text:
        return ""
    return sha256(f"{one.private} {one.text}".encode()).hexdigest()[:16]


def changed_over(
    own: Own, written: Mapping[str, Written], seen: Mapping[str, str]
) -> dict[str, Written]:
    """What she changes of what stood in her form; `seen` has the marks of that, by criterion.

    Raises:
        Refusals: (409) she wrote something else meanwhile, elsewhere.
    """
    new = {code: one for code, one in written.items() if mark(one) != seen.get(code, "")}
    before = {code: mark(own.comments.get(code)) for code in new}
    stale = [
        code for code, one in new.items() if before[code] not in (seen.get(code, ""), mark(one))
    ]
    if stale:
        raise Refusals([comment_stale(code, own.comments[code].text) for code in stale])
    return {code: one for code, one in new.items() if before[code] != mark(one)}


def check_comments(criteria: Iterable[Criterion], written: Mapping[str, Written]) -> None:
    """
    Raises:
        Refusals: (422) a criterion that this round does not score, or a text that is too long.
    """
    known = {WHOLE, *(one.code for one in criteria)}
    refusals = [unknown_subject(code) for code in written if code not in known]
    refusals += [
        comment_too_long(code, len(one.text))
        for code, one in written.items()
        if len(one.text) > LONGEST
    ]
    if refusals:
        raise Refusals(refusals)


# --- refusals


def comments_stale() -> Refusal:
    return Refusal(
        "comments_stale",
        "Vous avez écrit autre chose entre-temps, dans une autre fenêtre ou sur un autre appareil. "
        "Rien n’est perdu : votre texte est ci-dessous, l’autre est gardé. Ouvrez la page à neuf "
        "pour le relire avant d’enregistrer.",
        status=409,
    )


def comment_stale(code: str, other: str) -> Refusal:
    return Refusal(
        "comments_stale",
        "Vous avez écrit autre chose entre-temps, dans une autre fenêtre ou sur un autre "
        "appareil : « {other} ». Enregistrez encore une fois pour garder votre texte d’ici.",
        field=f"comment-{code}",
        status=409,
        other=other[:QUOTED],
    )


def unknown_subject(code: str) -> Refusal:
    return Refusal(
        "unknown_subject",
        "« {criterion} » n’est pas un critère de ce tour : aucun commentaire ne s’y écrit.",
        field=f"comment-{code}",
        status=422,
        criterion=code[:60],
    )


def comment_too_long(code: str, length: int) -> Refusal:
    return Refusal(
        "comment_too_long",
        "Ce commentaire a {length} signes ; il en tient {most}. Raccourcissez-le.",
        field=f"comment-{code}",
        status=422,
        length=length,
        most=LONGEST,
    )

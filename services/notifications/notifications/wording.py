"""The text of a letter as a programme words it: what may stand in it, and what is wrong where.

Somebody who coordinates writes it in a page. It is parsed and read through here before it is kept:
names and turns that are not listed are refused with their line, so that a text reaches nothing
beyond its variables, costs little to fill, and makes neither HTML nor headers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jinja2
from essaim.refusal import Refusal, Refusals
from jinja2 import nodes

from notifications.message import LANGUAGES, Template

LONGEST = 8_000
_PIECES = ("closing.txt", "session.txt")
_MACROS = frozenset({"place", "change", "cancellation", "reason", "pairing", "contact", "bearers"})
_FILTERS = frozenset(
    {"day", "hour", "instant", "euros", "words", "session_kind", "default", "length", "join"}
)
_TURNS = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Filter, nodes.If,
    nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or, nodes.Const, nodes.CondExpr,
    nodes.For, nodes.Getattr, nodes.Call, nodes.Include, nodes.Assign, nodes.Test,
)  # fmt: skip
_OURS = frozenset({"words", "period", "loop"})


@dataclass(frozen=True)
class Sheet:
    """One text that may be worded: a template or, of a decision, one answer of the committee."""

    template: Template
    case: str = ""

    @property
    def name(self) -> str:
        """As its file is called, and its address ends."""
        return f"{self.template}-{self.case}" if self.case else self.template.value


_DECIDED = ("selected", "waiting_list", "refused", "reoriented")
SHEETS: Mapping[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        Sheet(Template.APPLICATION_RECEIVED),
        Sheet(Template.APPLICATION_WITHDRAWN),
        *(Sheet(Template.APPLICATION_DECIDED, case) for case in _DECIDED),
        Sheet(Template.PLACE_OFFERED),
        Sheet(Template.HANDOVER_PROPOSED),
        Sheet(Template.HANDOVER_OFFERED),
        Sheet(Template.HANDOVER_ANSWERED),
        Sheet(Template.CORRECTION_ASKED),
        Sheet(Template.APPLICATION_CORRECTED),
        Sheet(Template.NOTE_LEFT),
        Sheet(Template.REVIEWS_ASSIGNED),
        Sheet(Template.COHORT_WELCOME),
        Sheet(Template.SESSION_CONVOCATION),
        Sheet(Template.SESSION_MOVED),
        Sheet(Template.SESSION_CANCELLED),
        Sheet(Template.SESSION_REMINDER_7_DAYS),
        Sheet(Template.SESSION_REMINDER_1_DAY),
        Sheet(Template.PAIRING_MADE),
        Sheet(Template.FILE_RECEIVED),
        Sheet(Template.FILE_REVIEWED),
        Sheet(Template.FILE_LATE),
        Sheet(Template.TROPHY_AWARDED),
    )
}
"""Those of a programme. What the network says (links, erasures, failures) is its own alone."""


@dataclass(frozen=True)
class Wording:
    """How a programme words a sheet, by language. Without texts it is as shipped again."""

    version: int
    texts: Mapping[str, str] | None


def sheet_of(name: str) -> Sheet:
    """
    Raises:
        Refusal: (404) there is no such text, or nobody may word it.
    """
    if name not in SHEETS:
        raise unknown_sheet(name)
    return SHEETS[name]


def variables_of(cases: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The variables of a template with an example of each, from its invented cases."""
    found: dict[str, Any] = {"name": "Maëlle Çelik"}
    for details in cases.values():
        for name, value in details.items():
            if found.get(name) in (None, []):
                found[name] = value
    return {name: value for name, value in found.items() if name not in _UNTOLD}


_UNTOLD = {"page", "programme_page", "session_id", "sequence"}


def check(texts: Mapping[str, str], variables: Mapping[str, Any]) -> None:
    """See that what somebody wrote can be filled with these variables, and with nothing else.

    Raises:
        Refusals: (422) what is wrong, by language and line.
    """
    wrong = [one for language in LANGUAGES for one in _faults(language, texts, variables)]
    if wrong:
        raise Refusals(wrong)


def _faults(
    language: str, texts: Mapping[str, str], variables: Mapping[str, Any]
) -> Iterator[Refusal]:
    source = texts.get(language, "")
    if not source.strip():
        yield wording_missing(language)
    elif len(source) > LONGEST:
        yield wording_too_long(language, len(source))
    else:
        try:
            unknown = list(_unknown(_parsed(source), language, variables))
        except jinja2.TemplateSyntaxError as error:
            yield wording_unreadable(language, error.lineno, error.message or "")
        except RecursionError:
            yield wording_unreadable(language, 1, "nested too deeply")
        else:
            yield from unknown


def _parsed(source: str) -> nodes.Template:
    # Only read here: a letter is plain text, and its HTML is made of it later.
    return jinja2.Environment(autoescape=True).parse(source)


def _unknown(
    parsed: nodes.Template, language: str, variables: Mapping[str, Any]
) -> Iterator[Refusal]:
    names = set(variables) | _OURS | {one.name for one in _stored(parsed)}
    attributes = set(_keys(list(variables.values()))) | {"first", "last", "index", "length"}
    loops = list(parsed.find_all(nodes.For))
    for one in _all(parsed):
        what = _what_is_unknown(one, names, attributes)
        if what:
            yield wording_unknown(language, one.lineno, what)
    for loop in loops:
        if loop.recursive or any(loop is not one for one in loop.find_all(nodes.For)):
            yield wording_unknown(language, loop.lineno, "for … for")


def _what_is_unknown(one: nodes.Node, names: set[str], attributes: set[str]) -> str | None:
    if isinstance(one, nodes.Name):
        is_taken = one.ctx == "store" and one.name in _OURS
        return one.name if is_taken or one.name not in names else None
    if isinstance(one, nodes.Getattr):
        return None if one.attr in attributes | _MACROS else f".{one.attr}"
    if isinstance(one, nodes.Filter):
        return None if one.name in _FILTERS and _is_short(one) else f"|{one.name}"
    if isinstance(one, nodes.Test):
        return None if one.name == "defined" else f"is {one.name}"
    if isinstance(one, nodes.Include):
        is_known = isinstance(one.template, nodes.Const) and one.template.value in _PIECES
        return None if is_known else "include"
    if isinstance(one, nodes.Call):
        return None if _is_ours(one) else "(…)"
    if isinstance(one, nodes.Assign):
        return None if _says_whether(one) else "set"
    return None if isinstance(one, _TURNS) else type(one).__name__.lower()


def _is_ours(call: nodes.Call) -> bool:
    """A call of one of our turns of phrase, or of a period of time."""
    called = call.node
    if isinstance(called, nodes.Getattr):
        of_words = isinstance(called.node, nodes.Name) and called.node.name == "words"
        return of_words and called.attr in _MACROS
    return isinstance(called, nodes.Name) and called.name == "period"


def _is_short(one: nodes.Filter) -> bool:
    """Whether what it makes grows with its value alone: what is joined again and again explodes."""
    if one.name != "join":
        return True
    is_plain = isinstance(one.node, nodes.Name | nodes.Getattr)
    return is_plain and all(isinstance(arg, nodes.Const) for arg in one.args)


def _says_whether(one: nodes.Assign) -> bool:
    """Whether what is named is a yes or a no: a text named again and again explodes too."""
    is_named = isinstance(one.target, nodes.Name)
    return is_named and isinstance(one.node, nodes.Compare | nodes.Not | nodes.Test)


def _all(parsed: nodes.Template) -> Iterator[nodes.Node]:
    for one in parsed.iter_child_nodes():
        yield one
        yield from _below(one)


def _below(node: nodes.Node) -> Iterator[nodes.Node]:
    for one in node.iter_child_nodes():
        yield one
        yield from _below(one)


def _stored(parsed: nodes.Template) -> Iterator[nodes.Name]:
    """What the text itself names, in a loop or with « set »; never one of ours."""
    for one in parsed.find_all(nodes.Name):
        if one.ctx == "store" and one.name not in _OURS:
            yield one


def _keys(values: list[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, dict):
            yield from value
            yield from _keys(list(value.values()))
        elif isinstance(value, list | tuple):
            yield from _keys(list(value))


def unknown_sheet(name: str) -> Refusal:
    return Refusal(
        "unknown_sheet",
        "Il n’y a pas de texte « {name} » qu’un programme puisse écrire à sa façon.",
        status=404,
        name=name,
    )


def wording_missing(language: str) -> Refusal:
    return Refusal(
        "wording_missing",
        "Écrivez ce texte : l’objet, une ligne vide, puis le message.",
        field=language,
        status=422,
    )


def wording_too_long(language: str, length: int) -> Refusal:
    return Refusal(
        "wording_too_long",
        "Ce texte a {length} signes, {longest} au plus. Raccourcissez-le.",
        field=language,
        status=422,
        length=length,
        longest=LONGEST,
    )


def wording_unreadable(language: str, line: int, reason: str) -> Refusal:
    return Refusal(
        "wording_unreadable",
        "Ligne {line} : cette écriture ne se comprend pas ({reason}). Une variable s’écrit "
        "entre deux accolades.",
        field=language,
        status=422,
        line=line,
        reason=reason,
    )


def wording_unknown(language: str, line: int, what: str) -> Refusal:
    return Refusal(
        "wording_unknown",
        "Ligne {line} : « {what} » n’existe pas dans ce texte. Les variables possibles sont "
        "énumérées sur cette page.",
        field=language,
        status=422,
        line=line,
        what=what,
    )


def wording_unfit(language: str, case: str, reason: str) -> Refusal:
    return Refusal(
        "wording_unfit",
        "Ce texte ne peut pas être rempli ({reason}). Comparez-le au texte d’origine.",
        field=language,
        status=422,
        case=case,
        reason=reason,
    )


def wording_changed(version: int) -> Refusal:
    return Refusal(
        "wording_changed",
        "Ce texte a changé depuis que vous l’avez ouvert : il est à la version {version}. Le vôtre "
        "est gardé ici : reprenez ce qu’il faut, puis enregistrez de nouveau.",
        version=version,
    )


def unknown_version(version: int) -> Refusal:
    return Refusal(
        "unknown_version",
        "Ce texte n’a pas de version {version}.",
        status=404,
        version=version,
    )

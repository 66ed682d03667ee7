"""What the questions of a call name: sections, earlier questions, and answers those have.

Checked on the file as written, beside the errors of single values.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from essaim import Refusal
from essaim.text.departments import DEPARTMENTS
from essaim.text.file_errors import FileError, Path
from essaim.text.yaml_source import Source

from candidatures.file_links import code_twice, error_in, items, unknown_code
from candidatures.question import TELLING, YES_NO, QuestionKind


def broken_questions(source: Source) -> Iterator[FileError]:
    """Every section or earlier question that is not there, and every answer that cannot be."""
    for path, call in items(source.data, "editions", "calls"):
        sections = [one.get("code") for _, one in items(call, "sections")]
        earlier: dict[str, Mapping[str, Any]] = {}
        for at, question in _in_order(call, path, sections):
            section = question.get("section")
            if isinstance(section, str) and section not in sections:
                yield error_in(source, (*at, "section"), unknown_code(section, "sections"))
            for why in _wrong_conditions(question, earlier):
                yield error_in(source, (*at, "when"), why)
            if isinstance(question.get("code"), str):
                earlier[question["code"]] = question
        yield from _document_codes(source, call, path)
    yield from _ways_out(source)


def _in_order(
    call: Mapping[str, Any], path: Path, sections: list[Any]
) -> list[tuple[Path, dict[str, Any]]]:
    """The questions as the form asks them, section after section."""
    places = {code: place for place, code in enumerate(sections) if isinstance(code, str)}

    def place(found: tuple[Path, dict[str, Any]]) -> int:
        section = found[1].get("section")
        return places.get(section, -1) if isinstance(section, str) else -1

    return sorted(items(call, "questions", at=path), key=place)


def _wrong_conditions(
    question: Mapping[str, Any], earlier: Mapping[str, Mapping[str, Any]]
) -> Iterator[Refusal]:
    when = question.get("when")
    for code, answers in (when if isinstance(when, dict) else {}).items():
        asked = earlier.get(code)
        if asked is None:
            yield condition_not_earlier(str(question.get("code")), code)
        elif asked.get("kind") not in TELLING:
            yield condition_untelling(code)
        else:
            offered = _offered(asked)
            for answer in answers if isinstance(answers, list) else ():
                if isinstance(answer, str) and answer not in offered:
                    yield condition_unknown_answer(code, answer, offered)


def _offered(question: Mapping[str, Any]) -> list[str]:
    match question.get("kind"):
        case QuestionKind.YES_NO:
            return list(YES_NO)
        case QuestionKind.DEPARTMENT:
            return list(DEPARTMENTS)
        case _:
            return [str(one.get("code")) for _, one in items(question, "choices")]


def _document_codes(source: Source, call: Mapping[str, Any], path: Path) -> Iterator[FileError]:
    """A file that answers a question lies beside the documents, under a code of its own."""
    files = {
        one.get("code"): source.place_of(at)[0]
        for at, one in items(call, "questions", at=path)
        if one.get("kind") == QuestionKind.FILE
    }
    for at, document in items(call, "documents", at=path):
        code = document.get("code")
        if isinstance(code, str) and code in files:
            yield error_in(source, (*at, "code"), code_twice("code", code, files[code]))


def _ways_out(source: Source) -> Iterator[FileError]:
    """Where an eligibility question leads who stops there."""
    slugs = {call.get("slug") for _, call in items(source.data, "editions", "calls")}
    head = source.data.get("programme") if isinstance(source.data, dict) else None
    tracks = {one.get("code") for _, one in items(head, "tracks")}
    known = (("call", slugs, "calls"), ("track", tracks, "tracks"))
    for path, asked in items(source.data, "editions", "calls", "eligibility"):
        for key, codes, where in known:
            if isinstance(asked.get(key), str) and asked[key] not in codes:
                yield error_in(source, (*path, key), unknown_code(asked[key], where))


# --- refusals


def condition_not_earlier(item: str, code: str) -> Refusal:
    return Refusal(
        "condition_not_earlier",
        "« {item} » ne peut dépendre de « {asked} » : aucune question de ce nom ne la précède. "
        "Mettez « {asked} » avant elle, ou corrigez « when ».",
        item=item,
        asked=code,
    )


def condition_untelling(code: str) -> Refusal:
    return Refusal(
        "condition_untelling",
        "Rien ne peut dépendre de « {asked} » : ce n’est ni un choix, ni oui ou non, ni un "
        "département. Choisissez une autre question.",
        asked=code,
    )


def condition_unknown_answer(code: str, answer: str, offered: list[str]) -> Refusal:
    return Refusal(
        "condition_unknown_answer",
        "On ne peut pas répondre « {answer} » à « {asked} ». Écrivez une de ses réponses : "
        "{offered}.",
        asked=code,
        answer=answer,
        offered=", ".join(offered[:20]),
    )

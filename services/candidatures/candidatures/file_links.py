"""What a programme file says twice, or names without defining it: checked on the file as written.

These checks need no sound file: they speak beside the errors of single values, all at once.
"""

from collections.abc import Container, Iterator
from typing import Any

from essaim import Refusal
from essaim.text.file_errors import FileError, Path, error_at
from essaim.text.mail_address import comparable_address
from essaim.text.yaml_source import Source
from essaim_contracts.candidatures import Commitment


def broken_links(source: Source) -> Iterator[FileError]:
    """Every duplicate code and every code that nothing defines."""
    yield from _duplicates(source)
    yield from _unknown_codes(source)
    yield from _missing_commitments(source)


def items(data: Any, *keys: str, at: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The mappings of nested lists: `items(data, "editions", "calls")` gives each call."""
    found = data.get(keys[0]) if isinstance(data, dict) else None
    for number, item in enumerate(found if isinstance(found, list) else []):
        path = (*at, keys[0], number)
        if not isinstance(item, dict):
            continue
        if len(keys) == 1:
            yield path, item
        else:
            yield from items(item, *keys[1:], at=path)


def _duplicates(source: Source) -> Iterator[FileError]:
    data = source.data
    programme = data.get("programme") if isinstance(data, dict) else None
    yield from _twice(source, items(data, "organisations"), "code")
    yield from _twice(source, items(data, "people"), "code")
    yield from _twice(source, items(data, "people"), "email")
    yield from _twice(source, items(data, "editions"), "number")
    yield from _twice(source, items(data, "editions", "calls"), "slug")
    yield from _prefix_twice(source)
    for key in ("sectors", "heard_from", "tracks"):
        yield from _twice(source, items(programme, key, at=("programme",)), "code")
    for path, edition in items(data, "editions"):
        yield from _twice(source, items(edition, "deliverables", at=path), "kind")
        yield from _twice(source, items(edition, "prizes", at=path), "code")
    for path, call in items(data, "editions", "calls"):
        for key in ("eligibility", "sections", "questions", "documents", "criteria"):
            yield from _twice(source, items(call, key, at=path), "code")


def _twice(
    source: Source, found: Iterator[tuple[Path, dict[str, Any]]], key: str
) -> Iterator[FileError]:
    first: dict[str, int] = {}
    for path, item in found:
        value = item.get(key)
        if not isinstance(value, str):
            continue
        same = comparable_address(value) if key == "email" else value.strip().lower()
        if same in first:
            yield error_in(source, (*path, key), code_twice(key, value, first[same]))
        else:
            first[same] = source.place_of((*path, key))[0]


def default_prefix(slug: str) -> str:
    """What the receipts of a call start with when its file does not say."""
    return slug.upper()[:29].rstrip("-")


def _prefix_twice(source: Source) -> Iterator[FileError]:
    """Two calls whose receipts would read the same: two long slugs may start alike."""
    first: dict[str, int] = {}
    for path, call in items(source.data, "editions", "calls"):
        slug, given = call.get("slug"), call.get("receipt_prefix")
        prefix = given or (default_prefix(slug) if isinstance(slug, str) else None)
        if not isinstance(prefix, str):
            continue
        if prefix in first:
            where = (*path, "receipt_prefix" if given else "slug")
            yield error_in(source, where, prefix_twice(prefix, first[prefix]))
        else:
            first[prefix] = source.place_of(path)[0]


def _codes(data: Any, key: str) -> dict[str, dict[str, Any]]:
    """The elements of a list by their codes; those whose code is no text say so themselves."""
    return {item["code"]: item for _, item in items(data, key) if isinstance(item.get("code"), str)}


def _unknown_codes(source: Source) -> Iterator[FileError]:
    data = source.data
    organisations, people = _codes(data, "organisations"), _codes(data, "people")
    programme = data.get("programme") if isinstance(data, dict) else None
    if isinstance(programme, dict):
        yield from _unknown(source, ("programme",), programme, "steward", organisations)
    for path, item in items(data, "organisations"):
        yield from _unknown(source, path, item, "person", people)
    for path, item in items(data, "people", "roles"):
        yield from _unknown(source, path, item, "organisation", organisations)
    for path, item in items(data, "editions", "prizes"):
        yield from _unknown(source, path, item, "contributor", organisations)


def _unknown(
    source: Source, path: Path, item: dict[str, Any], key: str, known: Container[str]
) -> Iterator[FileError]:
    value = item.get(key)
    if not isinstance(value, str) or value in known:
        return
    where = "people" if key == "person" else "organisations"
    yield error_in(source, (*path, key), unknown_code(value, where))


def _missing_commitments(source: Source) -> Iterator[FileError]:
    """The steward must commit as one, and who gives a prize must be a contributor."""
    data = source.data
    organisations = _codes(data, "organisations")
    wanted: list[tuple[Path, Any, Commitment]] = [
        ((*path, "contributor"), item.get("contributor"), Commitment.CONTRIBUTOR)
        for path, item in items(data, "editions", "prizes")
    ]
    programme = data.get("programme") if isinstance(data, dict) else None
    if isinstance(programme, dict):
        wanted.append((("programme", "steward"), programme.get("steward"), Commitment.STEWARD))
    for path, code, commitment in wanted:
        organisation = organisations.get(code) if isinstance(code, str) else None
        if organisation and commitment not in (organisation.get("commitments") or []):
            yield error_in(source, path, missing_commitment(code, commitment))


def error_in(source: Source, path: Path, why: Refusal) -> FileError:
    return error_at(source.place_of(path), path, why)


# --- refusals


def code_twice(key: str, value: str, line: int) -> Refusal:
    return Refusal(
        "code_twice",
        "« {key}: {value} » est déjà écrit ligne {line}. Donnez-lui une autre valeur.",
        key=key,
        value=value,
        line=line,
    )


def prefix_twice(prefix: str, line: int) -> Refusal:
    return Refusal(
        "prefix_twice",
        "Les reçus de cet appel commenceraient par « {prefix} », comme ceux de "
        "l’appel de la ligne {line}. Donnez-lui un autre « receipt_prefix ».",
        prefix=prefix,
        line=line,
    )


def unknown_code(value: str, where: str) -> Refusal:
    return Refusal(
        "unknown_code",
        "« {value} » n’est le code d’aucun élément de « {where} ». "
        "Corrigez le code, ou ajoutez cet élément.",
        value=value,
        where=where,
    )


def missing_commitment(code: str, commitment: Commitment) -> Refusal:
    return Refusal(
        "missing_commitment",
        "« {item} » n’a pas « {commitment} » dans ses « commitments ». Ajoutez-le.",
        item=code,
        commitment=commitment.value,
    )

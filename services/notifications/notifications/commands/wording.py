"""Texts of letters: worded by a programme, tried with a real case, put back as shipped."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from essaim.loops import words_of
from essaim.people.directory import find_person
from essaim.refusal import Refusals
from essaim.work import Work

from notifications import store
from notifications.letters.preview import READER, SAMPLES
from notifications.letters.text import write
from notifications.message import LANGUAGES, Text
from notifications.wording import (
    Sheet,
    Wording,
    check,
    unknown_version,
    variables_of,
    wording_changed,
    wording_unfit,
)


class Tried(NamedTuple):
    """What a text makes of one case, by language. `reader` is None where the case is invented."""

    texts: dict[str, Text]
    reader: str | None


def save(
    work: Work, programme: str, sheet: Sheet, texts: Mapping[str, str] | None, *, was: int
) -> int:
    """Keep a new version of a text, or (None) go back to the shipped one; answers its number.

    Raises:
        Refusals: (422) what is wrong in it, by language and line.
        Refusal: it is no longer at version `was`.
    """
    now = store.wording.find(work.db, programme, sheet.name)
    if now.version != was:
        raise wording_changed(now.version)
    if texts is not None:
        check_fits(sheet, texts)
    if texts == now.texts:
        return now.version
    new = Wording(now.version + 1, texts)
    store.wording.add(work.db, programme, sheet.name, new, work.now)
    return new.version


def restore(work: Work, programme: str, sheet: Sheet, version: int, *, was: int) -> int:
    """Make an earlier version the last one again. 0 is the shipped text.

    Raises:
        Refusal: there is no such version, or the text is no longer at version `was`.
    """
    if version == 0:
        return save(work, programme, sheet, None, was=was)
    earlier = store.wording.find_version(work.db, programme, sheet.name, version)
    if earlier is None:
        raise unknown_version(version)
    return save(work, programme, sheet, earlier.texts, was=was)


def check_fits(sheet: Sheet, texts: Mapping[str, str]) -> None:
    """See that a text is well written, and can be filled for every case it is for.

    Raises:
        Refusals: (422) what is wrong, by language.
    """
    cases = _cases(sheet)
    check(texts, variables_of(cases))
    wrong = []
    for language in LANGUAGES:
        for case, details in cases.items():
            try:
                filled = _fill(sheet, language, READER, details, texts)
            except Exception as error:
                wrong.append(wording_unfit(language, case, words_of(error)))
                break
            if not filled.subject or not filled.body:
                wrong.append(wording_unfit(language, case, "objet ou texte vide"))
                break
    if wrong:
        raise Refusals(wrong)


def try_out(
    db: sa.Connection, programme: str, sheet: Sheet, texts: Mapping[str, str] | None
) -> Tried:
    """Fill a text for the last real case of the programme or, without one, for an invented one.

    Raises:
        Refusals: (422) what is wrong in it.
    """
    if texts is not None:
        check_fits(sheet, texts)
    real = store.said.last_case(db, programme, sheet.template, sheet.case)
    if real is None or real.recipient_id is None:
        details = next(iter(_cases(sheet).values()))
        return Tried(_both(sheet, READER, details, texts), None)
    reader = find_person(db, real.recipient_id)
    name = reader.name if reader else READER
    people = store.message.people_named(db, [UUID(one) for one in real.details.get("people", ())])
    filled = real.details | {"people": people}
    return Tried(_both(sheet, name, filled, texts), name)


def _both(
    sheet: Sheet, name: str, details: Mapping[str, Any], texts: Mapping[str, str] | None
) -> dict[str, Text]:
    return {language: _fill(sheet, language, name, details, texts) for language in LANGUAGES}


def _fill(
    sheet: Sheet,
    language: str,
    name: str,
    details: Mapping[str, Any],
    texts: Mapping[str, str] | None,
) -> Text:
    own = {sheet.name: texts[language]} if texts else {}
    return write(sheet.template, language, name, details, own)


def _cases(sheet: Sheet) -> dict[str, dict[str, Any]]:
    cases = SAMPLES[sheet.template]
    return {sheet.case: cases[sheet.case]} if sheet.case else cases

"""What applications answer, as columns of their list when it leaves as a file."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from essaim.web import Column, Listing, said

from candidatures.answer import answer_field
from candidatures.call import Call
from candidatures.question import Question, QuestionKind
from candidatures.store.application import application

Written = dict[str, Callable[[Any], Any]]
"""How the values of a column are written, by its name."""


def with_answers(
    listing: Listing, query: sa.Select[Any], call: Call, away: Collection[UUID], language: str
) -> tuple[Listing, sa.Select[Any], Written]:
    """The list with a column for each question of the call that is answered in words.

    Of the applications that are `away`, kept from their reader by a conflict, nothing is read.
    """
    is_hers = application.c.id.not_in(away)
    asked = [one for one in call.questions if one.kind != QuestionKind.FILE]
    columns = tuple(Column(answer_field(one.code), said(one.label, language)) for one in asked)
    values = [
        sa.case((is_hers, application.c.content[answer_field(one.code)].as_string())).label(
            answer_field(one.code)
        )
        for one in asked
    ]
    written = {answer_field(one.code): _in_words(one, language) for one in asked}
    return replace(listing, columns=listing.columns + columns), query.add_columns(*values), written


def _in_words(question: Question, language: str) -> Callable[[Any], str]:
    return lambda value: question.in_words(value or "", language)

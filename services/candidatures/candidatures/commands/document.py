"""Files on the disk that no row names any more."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import sqlalchemy as sa
from essaim import Work
from essaim.keeping.documents import Documents

from candidatures import store
from candidatures.document import Document

# No request lasts this long between keeping a file and committing the row that names it.
SETTLED_SECONDS = 120.0

_AT_ONCE = 500
"""Names asked of the database at once."""


def leave_unnamed(work: Work, kept: Sequence[Document]) -> None:
    """No row came to name these files after all: the sweep may take them."""
    store.document.note_removed(work.db, [document.sha256 for document in kept])


def note_strays(documents: Documents, work: Work, settled: float = SETTLED_SECONDS) -> None:
    """Leave to the sweep what a process that died before its commit kept for nobody."""
    documents.remove_half_kept(settled)
    for some in batched(documents.older_than(settled), _AT_ONCE):
        store.document.note_removed(work.db, store.document.nameless(work.db, some))


def batched(items: Iterable[str], size: int) -> Iterator[list[str]]:
    items = iter(items)
    while some := list(islice(items, size)):
        yield some


def sweep(documents: Documents, db: sa.Connection, settled: float = SETTLED_SECONDS) -> None:
    """Remove the files that no row names any more."""
    gone = [sha for sha in store.document.unnamed(db) if documents.remove(sha, settled)]
    store.document.forget_removed(db, gone)

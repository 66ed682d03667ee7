"""Files on the disk that no row names any more."""

from collections.abc import Sequence

import sqlalchemy as sa
from essaim import Work
from essaim.keeping.documents import Documents

from candidatures import store
from candidatures.document import Document

# No request lasts this long between keeping a file and committing the row that names it.
SETTLED_SECONDS = 600.0


def leave_unnamed(work: Work, kept: Sequence[Document]) -> None:
    """No row came to name these files after all: the sweep may take them."""
    store.document.note_removed(work.db, [document.sha256 for document in kept])


def sweep(documents: Documents, db: sa.Connection, settled: float = SETTLED_SECONDS) -> None:
    """Remove the files that no row names any more."""
    gone = [sha for sha in store.document.unnamed(db) if documents.remove(sha, settled)]
    store.document.forget_removed(db, gone)

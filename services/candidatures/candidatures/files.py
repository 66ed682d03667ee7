"""Files on their way in and out: checked and kept before a row names them, removed after."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any
from urllib.parse import quote

from essaim import Refusal
from essaim.keeping.documents import Documents
from essaim.loops import goes_on, rest
from essaim.running.runtime import Runtime
from essaim.threads import in_thread
from fastapi.responses import FileResponse, Response
from starlette.datastructures import UploadFile

from candidatures import commands
from candidatures.anonymity import notes_stay
from candidatures.deliverable import HandedIn
from candidatures.document import Document, check_file, file_too_large, named_as, safe_name
from candidatures.form import MEDIA_TYPES, DocumentAsked
from candidatures.unnamed_file import without_names

SWEEP_SECONDS = 60.0
STRAYS_EVERY = 60
"""Sweeps."""


def keep_upload(
    documents: Documents, asked: DocumentAsked, upload: UploadFile, field: str | None = None
) -> Document:
    """Check an uploaded file and store it; durable when this returns, and named by no row yet.

    `field` is where its form says what is wrong with it.

    Raises:
        Refusal: (413) it is too large; (422) it is not what was asked.
    """
    filename = safe_name(upload.filename)
    if upload.size is not None and upload.size > asked.max_bytes:
        raise file_too_large(asked, filename, upload.size, field)
    kind = check_file(asked, filename, upload.file, field)
    kept = documents.keep(upload.file, asked.max_bytes)
    return Document(asked.code, named_as(kind, filename), MEDIA_TYPES[kind], kept.size, kept.sha256)


@contextmanager
def unnamed_if_refused(runtime: Runtime, *kept: Document) -> Iterator[None]:
    """The command that names kept files: when it is refused, the sweep takes them away."""
    try:
        yield
    except Refusal:
        with runtime.work() as work:
            commands.document.leave_unnamed(work, kept)
        raise


A_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type: {} for media_type in MEDIA_TYPES.values()}}
}
"""What `send_file` answers, for the description of an API."""


def send_file(documents: Documents, file: Document | HandedIn) -> FileResponse:
    """The file, to be saved and never shown in place: its content is a stranger's."""
    path = documents.path_of(file.sha256)
    return FileResponse(path, media_type=file.media_type, headers=_saved_as(file))


def _saved_as(file: Document | HandedIn) -> dict[str, str]:
    disposition = f"attachment; filename*=UTF-8''{quote(file.filename)}"
    return {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}


def send_document(documents: Documents, file: Document, *, named: bool) -> Response:
    """A document; not `named`, a copy without what its program noted of who made it.

    Raises:
        Refusal: (403) no such copy can be made.
    """
    if named:
        return send_file(documents, file)
    with documents.path_of(file.sha256).open("rb") as content:
        copy = without_names(file.media_type, content)
    if copy is None:
        raise notes_stay(file)
    return Response(copy, media_type=file.media_type, headers=_saved_as(file))


async def sweep_documents(runtime: Runtime) -> None:
    """Sweep every minute, for as long as this instance holds the lease; strays once an hour."""
    for minute in count():
        await rest(SWEEP_SECONDS)
        await in_thread(partial(sweep_once, runtime, strays=minute % STRAYS_EVERY == 0))
        goes_on()


def sweep_once(runtime: Runtime, *, strays: bool = False) -> None:
    """Also right after an erasure: what settled long ago is gone with it."""
    with runtime.work() as work:
        if strays:
            commands.document.note_strays(runtime.documents, work)
        commands.document.sweep(runtime.documents, work.db)

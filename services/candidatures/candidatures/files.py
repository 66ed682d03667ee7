"""Files on their way in and out: checked and kept before a row names them, removed after."""

import asyncio
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from essaim.keeping.documents import Documents, Kept
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from fastapi.responses import FileResponse
from starlette.datastructures import UploadFile

from candidatures import store
from candidatures.document import check_file
from candidatures.form import DocumentAsked, FileType

SWEEP_SECONDS = 60.0
# No request lasts this long between keeping a file and committing the row that names it.
SETTLED_SECONDS = 600.0


def keep_upload(
    documents: Documents, asked: DocumentAsked, upload: UploadFile
) -> tuple[FileType, Kept]:
    """Check an uploaded file and store it; durable when this returns.

    Raises:
        Refusal: (413) it is too large; (422) it is not what was asked, or not what it says.
    """
    filename = safe_name(upload.filename)
    if upload.size is not None and upload.size > asked.max_bytes:
        raise Refusal(
            "file_too_large",
            "« {filename} » fait {size} Mo, au plus {limit} Mo sont acceptés. "
            "Allégez-le, par exemple en réduisant ses images, puis renvoyez-le.",
            status=413,
            filename=filename,
            size=round(upload.size / 1_000_000, 1),
            limit=asked.max_mb,
        )
    kind = check_file(asked, filename, upload.content_type or "", upload.file)
    return kind, documents.keep(upload.file, asked.max_bytes)


def safe_name(filename: str | None) -> str:
    """The last part of a file's name as sent, without what no file name holds."""
    name = (filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in name if letter.isprintable()).strip()[-200:] or "document"


def send_file(documents: Documents, sha256: str, filename: str, media_type: str) -> FileResponse:
    """The file, to be saved and never shown in place: its content is a stranger's."""
    disposition = f"attachment; filename*=UTF-8''{quote(filename)}"
    path: Path = documents.path_of(sha256)
    return FileResponse(
        path,
        media_type=media_type,
        headers={"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"},
    )


def sweep(documents: Documents, db: sa.Connection, settled: float = SETTLED_SECONDS) -> None:
    """Remove the files that no row names any more."""
    gone = [sha for sha in store.unnamed_documents(db) if documents.remove(sha, settled)]
    store.forget_removed_documents(db, gone)


async def sweep_documents(runtime: Runtime) -> None:
    """Sweep every minute, for as long as this instance holds the lease."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        await asyncio.to_thread(_sweep_once, runtime)


def _sweep_once(runtime: Runtime) -> None:
    with runtime.work() as work:
        sweep(runtime.documents, work.db)

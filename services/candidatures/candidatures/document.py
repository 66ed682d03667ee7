"""Whether a file is what was asked, and what it says it is: its content decides, not its name."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import filetype  # type: ignore[import-untyped]
from essaim import Refusal

from candidatures.form import DocumentAsked, FileType

MEDIA_TYPES = {
    FileType.PDF: "application/pdf",
    FileType.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileType.ODT: "application/vnd.oasis.opendocument.text",
    FileType.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileType.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    FileType.JPG: "image/jpeg",
    FileType.PNG: "image/png",
}
_BY_MEDIA_TYPE = {media_type: kind for kind, media_type in MEDIA_TYPES.items()}
_UNSTATED = {"", "application/octet-stream", "binary/octet-stream"}
_EXECUTABLES = {"exe", "elf", "dex", "deb", "rpm", "class", "swf", "wasm"}


@dataclass(frozen=True)
class Document:
    """A document of an application. `size` is in bytes; `sha256` names its file on the disk."""

    code: str
    filename: str
    media_type: str
    size: int
    sha256: str


def check_file(
    asked: DocumentAsked,
    filename: str,
    declared: str,
    content: BinaryIO,
    field: str | None = None,
) -> FileType:
    """What kind of file this is, by its content. `declared` is the media type the sender stated.

    Raises:
        Refusal: (422) empty, a program, of a kind not asked, or under a false name.
    """
    found = recognise(content, field)
    extension = Path(filename).suffix.lower().lstrip(".").replace("jpeg", "jpg")
    stated = declared.partition(";")[0].strip().lower()
    if found not in asked.allowed:
        raise type_not_allowed(asked, filename, field)
    if extension != found:
        raise disguised_file(filename, extension, found, field)
    if stated not in _UNSTATED and _BY_MEDIA_TYPE.get(stated) != found:
        raise disguised_file(filename, stated, found, field)
    return found


def recognise(content: BinaryIO, field: str | None = None) -> FileType | None:
    """The kind of a file by its first bytes, or by what its archive holds; None for any other.

    Raises:
        Refusal: (422) it is empty, or something that runs.
    """
    content.seek(0)
    head = content.read(8192)
    if not head:
        raise empty_file(field)
    guess = filetype.guess(head)
    extension = guess.extension if guess else ""
    if extension in _EXECUTABLES or head.startswith((b"MZ", b"#!")):
        raise executable(field)
    if head.startswith(b"PK"):
        return _office_kind(content, field)
    return FileType(extension) if extension in {"pdf", "jpg", "png"} else None


def _office_kind(content: BinaryIO, field: str | None) -> FileType | None:
    """Office documents are zip archives: only what is inside tells them apart."""
    try:
        with zipfile.ZipFile(content) as archive:
            names = set(archive.namelist())
            opened = archive.read("mimetype")[:200].decode("ascii") if "mimetype" in names else ""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, UnicodeDecodeError, OSError):
        return None
    if any(name.lower().endswith("vbaproject.bin") for name in names) or any(
        name.startswith("Basic/") for name in names
    ):
        raise executable(field)
    if "[Content_Types].xml" in names:
        if "word/document.xml" in names:
            return FileType.DOCX
        return FileType.XLSX if "xl/workbook.xml" in names else None
    return _BY_MEDIA_TYPE.get(opened)


# --- refusals; `field` is that of the form the file came with, if it came with one


def no_file(field: str) -> Refusal:
    return Refusal(
        "no_file",
        "Choisissez d’abord un fichier, puis ajoutez-le.",
        field=field,
        status=422,
    )


def empty_file(field: str | None) -> Refusal:
    return Refusal(
        "empty_file", "Ce fichier est vide. Choisissez-en un autre.", field=field, status=422
    )


def file_too_large(asked: DocumentAsked, filename: str, size: int, field: str | None) -> Refusal:
    return Refusal(
        "file_too_large",
        "« {filename} » fait {size} Mo, au plus {limit} Mo sont acceptés. "
        "Allégez-le, par exemple en réduisant ses images, puis renvoyez-le.",
        field=field,
        status=413,
        filename=filename,
        size=round(size / 1_000_000, 1),
        limit=asked.max_mb,
    )


def type_not_allowed(asked: DocumentAsked, filename: str, field: str | None) -> Refusal:
    return Refusal(
        "type_not_allowed",
        "« {filename} » contient autre chose que ce qui est demandé. "
        "Envoyez un fichier d’un de ces types : {allowed}.",
        field=field,
        status=422,
        filename=filename,
        allowed=", ".join(kind.value for kind in asked.allowed).upper(),
    )


def disguised_file(filename: str, stated: str, found: FileType, field: str | None) -> Refusal:
    return Refusal(
        "disguised_file",
        "« {filename} » se présente comme « {stated} » mais son contenu est du {found}. "
        "Enregistrez-le à nouveau au bon format puis renvoyez-le.",
        field=field,
        status=422,
        filename=filename,
        stated=stated,
        found=found,
    )


def executable(field: str | None) -> Refusal:
    return Refusal(
        "executable",
        "Ce fichier est un programme, ou contient des macros : il n’est pas accepté. "
        "Enregistrez le document en PDF.",
        field=field,
        status=422,
    )

"""Whether a file is what was asked, and what it says it is: its content decides, not its name."""

import zipfile
from pathlib import Path
from typing import BinaryIO

import filetype  # type: ignore[import-untyped]
from essaim.refusal import Refusal

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


def check_file(asked: DocumentAsked, filename: str, declared: str, content: BinaryIO) -> FileType:
    """What kind of file this is, by its content. `declared` is the media type the sender stated.

    Raises:
        Refusal: (422) empty, a program, of a kind not asked, or under a false name.
    """
    found = recognise(content)
    extension = Path(filename).suffix.lower().lstrip(".").replace("jpeg", "jpg")
    allowed = ", ".join(kind.value for kind in asked.allowed)
    stated = declared.partition(";")[0].strip().lower()
    if found not in asked.allowed:
        raise Refusal(
            "type_not_allowed",
            "« {filename} » contient autre chose que ce qui est demandé. "
            "Envoyez un fichier d'un de ces types : {allowed}.",
            status=422,
            filename=filename,
            allowed=allowed.upper(),
        )
    if extension != found or (stated not in _UNSTATED and _BY_MEDIA_TYPE.get(stated) != found):
        raise Refusal(
            "disguised_file",
            "« {filename} » se présente comme « {stated} » mais son contenu est du {found}. "
            "Enregistrez-le à nouveau au bon format puis renvoyez-le.",
            status=422,
            filename=filename,
            stated=extension if extension != found else stated,
            found=found,
        )
    return found


def recognise(content: BinaryIO) -> FileType | None:
    """The kind of a file by its first bytes, or by what its archive holds; None for any other.

    Raises:
        Refusal: (422) it is empty, or something that runs.
    """
    content.seek(0)
    head = content.read(8192)
    if not head:
        raise Refusal("empty_file", "Ce fichier est vide. Choisissez-en un autre.", status=422)
    guess = filetype.guess(head)
    extension = guess.extension if guess else ""
    if extension in _EXECUTABLES or head.startswith((b"MZ", b"#!")):
        raise _program()
    if head.startswith(b"PK"):
        return _office_kind(content)
    return FileType(extension) if extension in {"pdf", "jpg", "png"} else None


def _office_kind(content: BinaryIO) -> FileType | None:
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
        raise _program()
    if "[Content_Types].xml" in names:
        if "word/document.xml" in names:
            return FileType.DOCX
        return FileType.XLSX if "xl/workbook.xml" in names else None
    return _BY_MEDIA_TYPE.get(opened)


def _program() -> Refusal:
    return Refusal(
        "executable",
        "Ce fichier est un programme, ou contient des macros : il n'est pas accepté. "
        "Enregistrez le document en PDF.",
        status=422,
    )

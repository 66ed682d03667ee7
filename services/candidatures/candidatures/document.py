"""Whether a file is what was asked: its content decides, and gives its name the right extension."""

import re
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import unquote

from essaim import Refusal
from essaim.text.written import one_line

from candidatures.file_content import Unfit, recognise
from candidatures.form import EXTENSIONS, DocumentAsked, FileType

_OTHERS = frozenset({"bin", "doc", "dot", "dotx", "ppt", "tmp", "xls", "zip"})
"""Extensions that browsers, mail programs and file servers put in the place of the right one."""
_EXTENSIONS = _OTHERS.union(*EXTENSIONS.values())
_LONGEST_NAME = 150
_ESCAPED = re.compile("%22|%0D|%0A")
"""What browsers write in place of the signs that would end a name in a form."""


@dataclass(frozen=True)
class Document:
    """A document of an application. `size` is in bytes; `sha256` names its file on the disk."""

    code: str
    filename: str
    media_type: str
    size: int
    sha256: str


def check_file(
    asked: DocumentAsked, filename: str, content: BinaryIO, field: str | None = None
) -> FileType:
    """What kind of file this is, one of those asked.

    Raises:
        Refusal: (422) empty, a program, protected, a bomb, or of a kind not asked.
    """
    found = recognise(content)
    if isinstance(found, Unfit):
        raise unfit(found, filename, field)
    if found == FileType.MP4 and FileType.M4A in asked.allowed and found not in asked.allowed:
        return FileType.M4A  # the same container: recorders of sound seldom name theirs
    if found not in asked.allowed:
        raise type_not_allowed(asked, filename, field)
    return found


def safe_name(filename: str | None) -> str:
    """The last part of a file's name as sent, without what no file name holds."""
    sent = _ESCAPED.sub(lambda found: unquote(found[0]), filename or "")
    name = one_line(sent.replace("\\", "/").rpartition("/")[2]).rstrip(". ")
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 10:
        stem, dot, extension = name, "", ""
    return f"{stem.strip('. ')[:_LONGEST_NAME].strip() or 'document'}{dot}{extension}"


def named_as(kind: FileType, filename: str) -> str:
    """The name with the extension of what the file is; one that says so already stays."""
    stem, dot, extension = filename.rpartition(".")
    right = EXTENSIONS[kind]
    if dot and stem and extension.lower() in right:
        return filename
    if not dot or extension.lower() not in _EXTENSIONS:
        stem = filename
    return f"{stem.strip('. ') or 'document'}.{right[0]}"


# --- refusals; `field` is that of the form the file came with, if it came with one


def no_file(field: str) -> Refusal:
    return Refusal(
        "no_file",
        "Choisissez d’abord un fichier, puis ajoutez-le.",
        field=field,
        status=422,
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


def unfit(why: Unfit, filename: str, field: str | None) -> Refusal:
    return _UNFIT[why](filename, field)


def empty_file(filename: str, field: str | None) -> Refusal:
    return Refusal(
        "empty_file", "Ce fichier est vide. Choisissez-en un autre.", field=field, status=422
    )


def executable(filename: str, field: str | None) -> Refusal:
    return Refusal(
        "executable",
        "Ce fichier est un programme, ou contient des macros : il n’est pas accepté. "
        "Enregistrez le document en PDF.",
        field=field,
        status=422,
    )


def encrypted(filename: str, field: str | None) -> Refusal:
    return Refusal(
        "encrypted_file",
        "« {filename} » est protégé par un mot de passe : personne ne pourrait le lire. "
        "Enregistrez-le sans mot de passe, puis renvoyez-le.",
        field=field,
        status=422,
        filename=filename,
    )


def old_office(filename: str, field: str | None) -> Refusal:
    return Refusal(
        "old_office",
        "« {filename} » est dans un format d’avant 2007 (.doc, .xls ou .ppt). Enregistrez-le en "
        "PDF, ou dans le format actuel, puis renvoyez-le.",
        field=field,
        status=422,
        filename=filename,
    )


def bomb(filename: str, field: str | None) -> Refusal:
    return Refusal(
        "unpacks_to_too_much",
        "« {filename} » prendrait trop de place une fois ouvert. Enregistrez-le en PDF, ou enlevez "
        "les feuilles et images inutiles, puis renvoyez-le.",
        field=field,
        status=422,
        filename=filename,
    )


_UNFIT = {
    Unfit.EMPTY: empty_file,
    Unfit.EXECUTABLE: executable,
    Unfit.ENCRYPTED: encrypted,
    Unfit.OLD_OFFICE: old_office,
    Unfit.BOMB: bomb,
}

"""An anonymous round: what of an application its readers may not see before the decision.

What people wrote in the middle of a text or of a file cannot be found: a call marks the questions
and documents that say who applies as `identifying`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from essaim.refusal import Refusal

from candidatures.answer import answer_field
from candidatures.call import Call
from candidatures.document import Document
from candidatures.party import PARTY_FIELDS
from candidatures.unnamed_file import can_be_unnamed

_WHO = frozenset({"bearer_name", "bearer_email", "bearer_phone", "organisation", *PARTY_FIELDS})


@dataclass(frozen=True)
class Sheet:
    """What somebody reads of an application; nothing when a conflict keeps it from her."""

    content: Mapping[str, str]
    names: bool
    is_barred: bool


def unnamed_content(call: Call, content: Mapping[str, str]) -> dict[str, str]:
    """What was written, without the answers that say who wrote it."""
    telling = {answer_field(one.code) for one in call.questions if one.identifying}
    return {name: value for name, value in content.items() if name not in _WHO | telling}


def unnamed_documents(call: Call, documents: Mapping[str, Document]) -> dict[str, Document]:
    """The files that do not say who applies, each under the name of what was asked."""
    return {
        code: unnamed(document)
        for code, document in documents.items()
        if readable_unnamed(call, document)
    }


def readable_unnamed(call: Call, document: Document) -> bool:
    """Whether it is read in an anonymous round: it says who applies nowhere that we know of."""
    return not is_identifying(call, document.code) and can_be_unnamed(document.media_type)


def unnamed(document: Document) -> Document:
    extension = document.filename.rpartition(".")[2]
    return replace(document, filename=f"{document.code}.{extension}")


def is_identifying(call: Call, code: str) -> bool:
    return any(one.identifying for one in call.files if one.code == code)


# --- refusals


def notes_stay(document: Document) -> Refusal:
    return Refusal(
        "notes_stay",
        "« {filename} » peut dire qui candidate dans les notes de son logiciel, et aucune copie "
        "sans elles n’a pu en être faite : il se lit une fois la décision appliquée, car ce tour "
        "du comité est anonyme.",
        status=403,
        filename=document.filename,
    )


def identifying_document() -> Refusal:
    return Refusal(
        "identifying_document",
        "Ce document dit qui candidate : il se lit une fois la décision appliquée, car ce tour du "
        "comité est anonyme.",
        status=403,
    )

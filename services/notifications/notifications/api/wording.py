"""The JSON API of the texts of letters, as a programme words them."""

from essaim.web import command, runtime_of
from fastapi import APIRouter, Request, Response

from notifications import store
from notifications.access import Coordinator, require_coordination
from notifications.commands import wording
from notifications.letters.preview import SAMPLES
from notifications.letters.text import shipped
from notifications.schemas.wording import (
    SheetAnswer,
    SheetList,
    VersionAnswer,
    VersionBody,
    VersionList,
    VersionSummary,
    WordingAnswer,
    WordingBody,
)
from notifications.wording import SHEETS, sheet_of, variables_of

router = APIRouter(prefix="/api/texts/{programme}")


@router.get("")
def list_texts(request: Request, _: Coordinator, programme: str) -> SheetList:
    """The texts that a programme may word, and which it did."""
    require_coordination(request, programme)
    with runtime_of(request).read() as db:
        own = store.wording.worded(db, programme)
    items = [SheetAnswer(sheet=name, is_own=name in own) for name in SHEETS]
    return SheetList(items=items, total=len(items))


@router.get("/{sheet}")
def read_text(request: Request, _: Coordinator, programme: str, sheet: str) -> WordingAnswer:
    """One text as it holds now, as it was shipped, and what may stand in it."""
    require_coordination(request, programme)
    found = sheet_of(sheet)
    with runtime_of(request).read() as db:
        now = store.wording.find(db, programme, sheet)
    first = shipped(sheet)
    return WordingAnswer(
        programme=programme,
        sheet=sheet,
        version=now.version,
        is_own=now.texts is not None,
        texts=dict(now.texts or first),
        shipped=first,
        variables=list(variables_of(SAMPLES[found.template])),
    )


@router.get("/{sheet}/versions")
def list_versions(request: Request, _: Coordinator, programme: str, sheet: str) -> VersionList:
    """Every version of a text, the last one first."""
    require_coordination(request, programme)
    found = sheet_of(sheet)
    with runtime_of(request).read() as db:
        versions = store.wording.history(db, programme, found.name)
    items = [
        VersionSummary(version=one.version, made_at=made_at, is_own=one.texts is not None)
        for one, made_at in versions
    ]
    return VersionList(items=items, total=len(items))


@router.put("/{sheet}", response_model=VersionAnswer)
def save_text(
    request: Request, _: Coordinator, programme: str, sheet: str, body: WordingBody
) -> Response:
    """Word a text in one's own way; letters that are held keep theirs until written again."""
    require_coordination(request, programme)
    found, texts = sheet_of(sheet), {"fr": body.fr, "en": body.en}
    return command(
        request,
        lambda work: VersionAnswer(
            version=wording.save(work, programme, found, texts, was=body.version)
        ),
    )


@router.post("/{sheet}/restore", response_model=VersionAnswer)
def restore_text(
    request: Request, _: Coordinator, programme: str, sheet: str, body: VersionBody
) -> Response:
    """Go back to an earlier version, or to the text as it was shipped (0)."""
    require_coordination(request, programme)
    found = sheet_of(sheet)
    return command(
        request,
        lambda work: VersionAnswer(
            version=wording.restore(work, programme, found, body.restore, was=body.version)
        ),
    )

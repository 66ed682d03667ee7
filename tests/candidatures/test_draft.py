"""Drafts: what a page saves over another, and what one POST of the form does."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from candidatures import commands, store
from candidatures.application import Application, ApplicationState, StaleForm, save_content
from candidatures.commands.document import note_strays, sweep
from candidatures.commands.draft import Written
from candidatures.store.application import application as application_table
from candidatures.store.document import document as document_table
from candidatures.store.draft_secret import draft_secret
from essaim.ids import new_id
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from hypothesis import given
from hypothesis import strategies as st

from tests.candidatures.premices import CONTENT, PDF, a_document, a_door, a_draft, the_call


def a_saved_draft(**changes: Any) -> Application:
    draft = Application(
        id=new_id(),
        call_id=new_id(),
        project_id=new_id(),
        state=ApplicationState.DRAFT,
        language="fr",
        content=CONTENT,
        version=3,
        saved_by_form="page-1",
    )
    return replace(draft, **changes)


def test_saving_makes_the_next_version() -> None:
    draft = a_saved_draft()

    saved = save_content(draft, {"project_title": "Autre"}, 3, "page-1")

    assert saved == replace(draft, content={"project_title": "Autre"}, version=4)


def test_a_stale_page_never_overwrites_a_newer_version() -> None:
    draft = a_saved_draft()

    with pytest.raises(StaleForm) as refused:
        save_content(draft, {"project_title": "Autre"}, 2, "page-2")

    assert refused.value.saved == draft


def test_the_page_that_saved_last_may_save_again_before_it_knows_the_new_version() -> None:
    saved = save_content(a_saved_draft(), {"project_title": "Autre"}, 2, "page-1")

    assert saved.version == 4


def test_saving_the_same_words_again_changes_nothing_even_from_a_stale_page() -> None:
    draft = a_saved_draft()

    assert save_content(draft, dict(CONTENT), 1, "page-2") is draft


def test_an_application_that_was_sent_does_not_change() -> None:
    sent = a_saved_draft(state=ApplicationState.RECEIVED, number="PREM-2020-0042")

    with pytest.raises(Refusal, match="PREM-2020-0042"):
        save_content(sent, {}, 3, "page-1")


words = st.text(st.characters(exclude_characters="\0"), max_size=5)


contents = st.dictionaries(st.sampled_from(list(CONTENT)), words, max_size=3)


@given(st.lists(st.tuples(st.sampled_from("AB"), contents), max_size=12))
def test_two_pages_saving_in_turn_never_lose_a_word_in_silence(
    saves: list[tuple[str, dict[str, str]]],
) -> None:
    """Each page knows the version it saw last; a save is kept, refused, or says the same."""
    draft = a_saved_draft(content={}, version=0, saved_by_form=None)
    seen = {"A": 0, "B": 0}
    for page, content in saves:
        before = draft
        try:
            draft = save_content(draft, content, seen[page], page)
        except StaleForm:
            assert before.saved_by_form != page
            assert seen[page] < before.version
            seen[page] = before.version
        else:
            assert dict(draft.content) == content
            assert draft is before or draft.version == before.version + 1
            seen[page] = draft.version


def test_a_character_that_no_database_keeps_is_dropped() -> None:
    saved = save_content(a_saved_draft(), {"project_title": "Le\0 Fournil"}, 3, "page-1")

    assert saved.content == {"project_title": "Le Fournil"}


def drafts(runtime: Runtime) -> int:
    with runtime.read() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(application_table)) or 0


def test_the_first_save_makes_a_draft_and_the_next_ones_find_it(open_call: Runtime) -> None:
    call = the_call(open_call)
    for version, title in enumerate(["Le Fournil", "Le Fournil des Cimes"]):
        with open_call.work() as work:
            saved = commands.draft.save_form(
                work,
                call,
                a_door("a secret of mine", work.now),
                Written({"project_title": title}, version),
            )

    assert saved.version == 2
    assert drafts(open_call) == 1
    with open_call.read() as db:
        found = store.application.find_draft(db, call.id, "a secret of mine")
    assert found is not None
    assert found.content == {"project_title": "Le Fournil des Cimes"}


def test_a_first_save_sent_twice_at_once_makes_one_draft(open_call: Runtime) -> None:
    call, start = the_call(open_call), Barrier(4)

    def save(_: int) -> None:
        start.wait()
        with open_call.work() as work:
            door = a_door("one secret", work.now)
            commands.draft.save_form(work, call, door, Written(CONTENT, 0))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(save, range(4)))

    assert drafts(open_call) == 1


def test_a_secret_is_kept_only_as_its_digest(open_call: Runtime) -> None:
    a_draft(open_call, token="my very own secret token 12345")

    with open_call.read() as db:
        kept = [*db.execute(sa.select(application_table)), *db.execute(sa.select(draft_secret))]
    assert "Le Fournil des Cimes" in str(kept)
    assert "my very own secret" not in str(kept)


def test_a_document_replaced_leaves_the_disk_once_nobody_names_it(open_call: Runtime) -> None:
    draft_id = a_draft(open_call)
    documents = open_call.documents
    other = a_document(open_call, PDF + b"% second", "autre.pdf")
    with open_call.read() as db:
        before = store.document.of_application(db, draft_id)["summary"].sha256
    with open_call.work() as work:
        commands.draft.add_document(work, draft_id, other)
    with open_call.work() as work:
        sweep(documents, work.db, settled=0)

    assert not documents.path_of(before).exists()
    assert documents.path_of(other.sha256).exists()


def test_a_document_that_two_applications_share_stays_while_one_names_it(
    open_call: Runtime,
) -> None:
    first, second = (a_draft(open_call, token=letter * 30) for letter in "ab")
    with open_call.work() as work:
        commands.draft.remove_document(work, first, "summary")
        sweep(open_call.documents, work.db, settled=0)
        sha256 = store.document.of_application(work.db, second)["summary"].sha256

    assert open_call.documents.path_of(sha256).exists()


def test_what_a_form_says_and_the_document_it_brings_are_saved_together_or_not_at_all(
    open_call: Runtime,
) -> None:
    class PulledPlug(Exception):
        pass

    def save_and_fail() -> None:
        with open_call.work() as work:
            commands.draft.save_form(
                work,
                the_call(open_call),
                a_door("a secret of mine", work.now),
                Written(CONTENT, 0),
                added=[a_document(open_call)],
            )
            raise PulledPlug

    with pytest.raises(PulledPlug):
        save_and_fail()

    assert drafts(open_call) == 0
    with open_call.read() as db:
        assert list(db.execute(sa.select(document_table))) == []


def test_a_stale_form_changes_neither_the_words_nor_the_documents(open_call: Runtime) -> None:
    draft_id = a_draft(open_call)
    other = a_document(open_call, PDF + b"% other", "autre.pdf")

    with pytest.raises(StaleForm), open_call.work() as work:
        commands.draft.save_form(
            work,
            the_call(open_call),
            a_door("t" * 30, work.now),
            Written({"project_title": "Autre"}, 0, "another page"),
            added=[other],
        )

    with open_call.read() as db:
        assert store.application.get(db, draft_id).content == CONTENT
        assert store.document.of_application(db, draft_id)["summary"].filename == "résumé.pdf"


def test_what_a_process_left_that_died_between_a_file_and_its_row_leaves_the_disk(
    open_call: Runtime,
) -> None:
    draft_id = a_draft(open_call)
    documents = open_call.documents
    stray = a_document(open_call, PDF + b"% nobody names it", "perdu.pdf")
    half_kept = documents.folder / "incoming-x1y2"
    half_kept.write_bytes(b"%PDF-1.7 half")

    with open_call.work() as work:
        note_strays(documents, work, settled=3600)
        sweep(documents, work.db, settled=0)
    assert documents.path_of(stray.sha256).exists()
    assert half_kept.exists()

    with open_call.work() as work:
        note_strays(documents, work, settled=0)
        sweep(documents, work.db, settled=0)
        kept = store.document.of_application(work.db, draft_id)["summary"].sha256
    assert not documents.path_of(stray.sha256).exists()
    assert not half_kept.exists()
    assert documents.path_of(kept).exists()

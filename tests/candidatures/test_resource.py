"""The library of shared resources: for whom each is, its versions, and the files it keeps."""

from collections.abc import Callable
from uuid import UUID

import pytest
import signing
from candidatures import commands, store
from candidatures.commands.document import sweep
from candidatures.resource import MOST_BYTES, Described, Resource, check_room, found_by, is_for
from essaim import Role
from essaim.refusal import Refusal
from essaim.running.runtime import Runtime
from fastapi.testclient import TestClient

from tests.candidatures.premices import PDF, decide_all, form_cohort
from tests.candidatures.test_selecting import fields_of, press, text_of
from tests.candidatures.test_what_waits import bearer_of

As = Callable[..., dict[str, str]]
HERE = "/candidatures/resources"
NEW = "/candidatures/programmes/premices/resources/new"


def described(
    title: str = "Modèle de statuts", *audience: Role, theme: str = "Statuts"
) -> Described:
    return Described(title, theme, "", "CC BY 4.0", "UR Scop", audience)


def added(runtime: Runtime, said: Described, content: str | None = None) -> Resource:
    with runtime.work() as work:
        return commands.resource.add(work, "premices", said, content or "https://example.org/a")


def test_a_resource_is_found_by_its_theme_and_words_whatever_their_accents(
    premices: Runtime,
) -> None:
    statutes = added(premices, described())
    funding = added(premices, described("Plan de financement", theme="Financer"))

    assert found_by([statutes, funding], "", "MODELE") == [statutes]
    assert found_by([statutes, funding], "Financer", "") == [funding]
    assert found_by([statutes, funding], "", "") == [funding, statutes]


def test_a_resource_is_for_the_roles_it_names_or_for_everybody_of_the_programme(
    premices: Runtime,
) -> None:
    kept = added(premices, described("X", Role.GODPARENT))

    assert is_for(kept, {Role.GODPARENT, Role.SPEAKER})
    assert not is_for(kept, {Role.MENTOR})
    assert is_for(added(premices, described()), {Role.MENTOR})
    assert not is_for(added(premices, described()), set())


def test_a_library_has_room_for_so_much_and_says_what_to_do_then() -> None:
    check_room(500, 0, MOST_BYTES)
    with pytest.raises(Refusal, match="Donnez un lien"):
        check_room(501, 0, 0)
    with pytest.raises(Refusal, match="bibliothèque est pleine"):
        check_room(1, MOST_BYTES, 1)


def test_what_is_wrong_with_a_resource_is_said(premices: Runtime) -> None:
    with pytest.raises(Refusal, match="https://"):
        added(premices, described(), "javascript:alert(1)")
    with pytest.raises(Refusal, match="ne se garde pas pour operator"):
        added(premices, described("X", Role.OPERATOR))
    with pytest.raises(Refusal) as unknown, premices.work() as work:
        commands.resource.add(work, "another", described(), "https://example.org/")
    assert unknown.value.status == 404
    kept = added(premices, described())
    with pytest.raises(Refusal) as stale, premices.work() as work:
        commands.resource.change(work, kept.id, described("Y"), None, seen="2020-01-01T00:00:00")
    assert stale.value.code == "resource_changed"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_is_added_replaced_and_withdrawn_in_pages_and_each_reads_what_is_for_her(
    premices: Runtime, browser: TestClient, four: list[UUID], as_: As
) -> None:
    decide_all(premices, four)
    form_cohort(premices)
    alix, basile = as_("alix"), as_("basile")
    bearer = signing.bearer("candidatures", bearer_of(premices, four[0]).id)
    told = {"title": "Statuts", "theme": "Statuts", "licence": "CC BY", "owner": "UR Scop"}
    nothing = press(browser, NEW, NEW, alix, **told)
    assert nothing.status_code == 422
    assert 'value="UR Scop"' in nothing.text
    hidden = fields_of(text_of(browser.get(NEW, headers=alix)), NEW)
    sent = {"file": ("statuts.exe", PDF, "application/octet-stream")}
    fields = hidden | told | {"audience": "bearer"}
    assert browser.post(NEW, data=fields, files=sent, headers=alix).status_code == 303

    assert "Statuts" in text_of(browser.get(HERE, headers=bearer))
    assert "statuts" not in text_of(browser.get(HERE, headers=basile)).lower()
    with premices.read() as db:
        (kept,) = store.resource.of_programmes(db, ["premices"])
    assert kept.file is not None
    # Its content decides what it is.
    assert kept.file.filename.endswith(".pdf")
    opened = browser.get(f"{HERE}/{kept.id}/open", headers=bearer)
    assert opened.content == PDF
    assert browser.get(f"{HERE}/{kept.id}/open", headers=basile).status_code == 403
    with premices.work() as work:
        sweep(premices.documents, work.db, settled=0.0)
    assert browser.get(f"{HERE}/{kept.id}/open", headers=bearer).content == PDF

    page = f"{HERE}/{kept.id}"
    again = {"file": ("statuts.pdf", PDF + b"% more", "application/pdf")}
    hidden = fields_of(text_of(browser.get(page, headers=alix)), page)
    replaced = browser.post(page, data=hidden | told, files=again, headers=alix)
    assert replaced.status_code == 303
    assert "version 2" in text_of(browser.get(HERE, headers=basile))
    press(browser, page, page, alix, act="withdraw")
    assert "Retirée" in text_of(browser.get(HERE, headers=alix))
    assert browser.get(f"{page}/open", headers=bearer).status_code == 403
    assert "Statuts" in text_of(browser.get(f"{HERE}?format=csv", headers=alix))

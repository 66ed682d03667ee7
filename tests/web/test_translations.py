from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from essaim.text.languages import negotiate, package_folder, po_file, speaking
from essaim.text.translations import (
    hedged_plurals,
    problems_of,
    straight_apostrophes,
    texts_of,
    unseen_texts,
    update,
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with one text in Python, one in a template and one refusal."""
    folder = tmp_path / "board"
    (folder / "templates").mkdir(parents=True)
    (folder / "pages.py").write_text(
        'title = N_("Le tableau")\n'
        'raise Refusal("full", "Le tableau a {count} annonces, "\n'
        '    "c\'est trop.", count=3)\n'
    )
    (folder / "templates" / "board.html").write_text('<p>\n{{ _("Bonjour") }}</p>')
    return folder


def problems(folder: Path) -> list[str]:
    return list(problems_of(folder, texts_of(folder), Catalog()))


def translate(folder: Path, **translations: str) -> None:
    """Fill in the translation of each text that begins with a word."""
    lines = po_file(folder).read_text().splitlines()
    for place, line in enumerate(lines):
        for word, translation in translations.items():
            if line.startswith(f'msgid "{word}'):
                lines[place + 1] = f'msgstr "{translation}"'
    po_file(folder).write_text("\n".join(lines) + "\n")


def test_texts_are_found_in_python_refusals_and_templates(package: Path) -> None:
    texts = {str(message.id) for message in texts_of(package) if message.id}

    assert texts == {"Le tableau", "Le tableau a {count} annonces, c'est trop.", "Bonjour"}


def test_a_text_without_translation_is_named_with_its_place(package: Path) -> None:
    update(package, texts_of(package))

    assert problems(package) == [
        "board/pages.py:1: not translated: 'Le tableau'",
        'board/pages.py:2: not translated: "Le tableau a {count} annonces, c\'est trop."',
        "board/templates/board.html:2: not translated: 'Bonjour'",
    ]


def test_translations_survive_an_update_and_what_is_unused_leaves(package: Path) -> None:
    update(package, texts_of(package))
    translate(package, Bonjour="Hello")
    (package / "pages.py").write_text('title = N_("Un autre titre")\n')

    assert any("no longer used: 'Le tableau'" in problem for problem in problems(package))
    assert update(package, texts_of(package))
    assert not update(package, texts_of(package))
    assert problems(package) == ["board/pages.py:1: not translated: 'Un autre titre'"]


def test_a_translation_that_loses_a_value_is_found(package: Path) -> None:
    (package / "pages.py").write_text('_("Il reste {count} places.")\n')
    update(package, texts_of(package))
    translate(package, Bonjour="Hello", Il="There are {number} places left.")

    [problem] = problems(package)
    assert "the places in braces differ" in problem


def test_a_doubtful_translation_is_found(package: Path) -> None:
    (package / "pages.py").write_text("")
    update(package, texts_of(package))
    translate(package, Bonjour="Hello")
    text = po_file(package).read_text()
    po_file(package).write_text(text.replace("#: templates", "#, fuzzy\n#: templates"))

    assert problems(package) == ["board/templates/board.html:2: doubtful (fuzzy): 'Bonjour'"]


def test_everything_the_chassis_says_is_translated() -> None:
    folder = package_folder("essaim")
    assert folder is not None

    assert problems(folder) == []


def test_the_chassis_has_one_kind_of_apostrophe() -> None:
    folder = package_folder("essaim")
    assert folder is not None

    assert list(straight_apostrophes(folder, texts_of(folder))) == []


def test_a_straight_apostrophe_is_named_in_texts_their_english_and_templates(package: Path) -> None:
    (package / "mail").mkdir()
    (package / "mail" / "welcome.txt").write_text(
        "Bonjour\n\nAujourd'hui, l'{{ title }} (d’un an)\n"
    )
    (package / "words.py").write_text('REPORT = Words("bilan d\'étape", "mid-term report")\n')
    update(package, texts_of(package))
    translate(package, Bonjour="It's")

    assert list(straight_apostrophes(package, texts_of(package))) == [
        "board/pages.py:2: write ’ for ': \"Le tableau a {count} annonces, c'est trop.\"",
        "board/words.py:1: write ’ for ': \"bilan d'étape\"",
        "board/locale/en/LC_MESSAGES/messages.po:19: write ’ for ': \"It's\"",
        "board/mail/welcome.txt:3: write ’ for ': \"Aujourd'hui, l'{{ title }} (d’un an)\"",
    ]


def test_a_plural_in_brackets_is_named(package: Path) -> None:
    (package / "words.py").write_text('REPORT = Words("2 bilan(s) clos", "2 closed report(s)")\n')

    assert list(hedged_plurals(package, texts_of(package))) == [
        "board/words.py:1: write the singular and the plural: '2 bilan(s) clos'",
        "board/words.py:1: write the singular and the plural: '2 closed report(s)'",
    ]


def test_a_text_that_no_catalogue_would_hold_is_named(package: Path) -> None:
    (package / "done.py").write_text('said = gettext_of(request)("C’est fait.")\n')

    (problem,) = unseen_texts(package)
    assert problem.startswith("board/done.py:1: name it")


def test_french_punctuation_never_stands_alone_on_a_line() -> None:
    with speaking("essaim", "fr") as _:
        assert _("Reçu : « Le Fournil » ?") == "Reçu\xa0: «\xa0Le Fournil\xa0»\xa0?"
        assert _.plural("un ; deux", "deux ; trois", 2) == "deux\xa0; trois"


def test_a_service_speaks_its_own_words_then_those_of_the_chassis() -> None:
    with speaking("gazette", "en") as _:
        assert (_("Annonces"), _("Filtrer"), _("Jamais traduit")) == (
            "Notices",
            "Filter",
            "Jamais traduit",
        )
    with speaking("gazette", "fr") as _:
        assert _("Annonces") == "Annonces"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("fr;q=0.9, en;q=0.1", "fr"),
        ("de, it", "fr"),
        ("en;q=0", "fr"),
        ("en;q=many, *", "fr"),
    ],
)
def test_the_language_follows_what_the_browser_prefers(header: str, language: str) -> None:
    assert negotiate(header) == language

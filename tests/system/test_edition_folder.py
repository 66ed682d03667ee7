"""A folder to play that is wrong: what is said of it."""

import shutil
from pathlib import Path

import pytest
from essaim_demo.edition import UnreadableEdition, read_edition

FOLDER = Path(__file__).parents[2] / "demo" / "premices-2020"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "edition")


def spoil(file: Path, before: str, after: str) -> int:
    """Replace the first `before`; its line."""
    text = file.read_text()
    file.write_text(text.replace(before, after, 1))
    return text[: text.index(before)].count("\n") + 1


def test_every_mistake_is_named_with_its_file_and_line(folder: Path) -> None:
    file = folder / "applications.yaml"
    first = spoil(file, "jobs_min: 4", "jobs_min: 04")
    second = spoil(file, "points: {ess: 2", "points: {ess: two")

    with pytest.raises(UnreadableEdition) as unreadable:
        read_edition(folder)

    assert str(unreadable.value).splitlines() == [
        f"{file}:{first}: “jobs_min” must be a whole number, not “04”. Write digits, without a "
        "zero before them.",
        f"{file}:{second}: “ess” must be a whole number, not “two”. Write digits, without a zero "
        "before them.",
    ]


def test_a_key_nobody_knows_is_named(folder: Path) -> None:
    line = spoil(folder / "year.yaml", "selection:", "selections:\nselection:")

    with pytest.raises(UnreadableEdition, match=f"year.yaml:{line}: The key “selections”"):
        read_edition(folder)


def test_a_folder_without_a_file_says_which_ones_it_needs(folder: Path) -> None:
    (folder / "year.yaml").unlink()

    with pytest.raises(UnreadableEdition, match=r"Name a folder with programme\.yaml"):
        read_edition(folder)

"""A person asks to be forgotten: at every partner, on every disk, and nothing brings her back."""

from pathlib import Path

from essaim_demo.client import wait_until
from essaim_demo.stage import Stage
from small_edition import consortium_in, disagreements_of, played_in

# What names Dora, who carries a project, and Gaspard, who is the mentor of one.
CANARIES = ("Dora", "dora@example.org", "Gaspard", "gaspard@example.org")


def test_no_file_of_any_partner_keeps_a_word_about_erased_persons(tmp_path: Path) -> None:
    with consortium_in(tmp_path) as consortium, played_in(consortium) as stage:
        assert words_kept(tmp_path) == set(CANARIES)
        for name in ("Dora (fictive)", "Gaspard (fictif)"):
            erase = f"/candidatures/api/people/{id_of(stage, name)}/erase"
            stage.operator.post(erase)
            stage.operator.post(f"{erase}/confirm")

        wait_until(
            lambda: answers(stage) == ["confirmed"] * 6, lambda: f"answered: {answers(stage)}"
        )
        # Also of what runs: no log of a database is kept until somebody stops it.
        wait_until(lambda: words_kept(tmp_path) == set(), lambda: f"kept: {words_kept(tmp_path)}")
        assert disagreements_of(consortium) == []

    assert words_kept(tmp_path) == set()


def id_of(stage: Stage, name: str) -> str:
    people = stage.operator.get("/candidatures/api/people")["items"]
    return str(next(one["id"] for one in people if one["name"] == name))


def answers(stage: Stage) -> list[str]:
    """What each of the three partners answered to each of the erasures."""
    return [one["answer"] for one in stage.operator.get("/candidatures/api/erasures")["items"]]


def words_kept(folder: Path) -> set[str]:
    """The canaries that are still somewhere in the bytes of some file."""
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    return {word for word in CANARIES if any(word.encode() in content for content in files)}

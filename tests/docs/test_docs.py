"""What the pages of `docs/` lead to is there: links, files, and the names they explain."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from essaim.proving.rules import RULES
from essaim_contracts.glossary import GLOSSARY
from essaim_contracts.questions import EACH, all_questions

ROOT = Path(__file__).parents[2]
OWN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
OF_PACKAGES = [ROOT / "contracts/README.md", *sorted(ROOT.glob("services/*/README.md"))]
PAGES = [*OWN, *OF_PACKAGES]
TO_USERS = [
    "operators.md",
    "monitoring.md",
    "partners.md",
    "integrators.md",
    "programme-file.md",
    "track-file.md",
]
"""Pages for those who do not change the code: the files they name are the reader's."""
FOR_CONTRIBUTORS = [page for page in OWN if page.name not in TO_USERS]
ROOMS = [ROOT, ROOT / "chassis/essaim", ROOT / "contracts", ROOT / "docs", ROOT / "tests"]
MORE_ROOMS = ["services/*/", "services/*/[a-z]*[a-z]/", "tests/*/"]
INVENTED = "press"
"""The service that `how-to/add-a-service.md` adds."""
ROAD = "Follow one application"
LONGEST_ROAD = 30

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NAME = re.compile(r"`([A-Za-z_]+(?:\.[A-Z_a-z]+)?)`")
_PATH = re.compile(r"`([\w./-]+/|[\w./-]+\.(?:md|po|py|toml|yaml))`")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    """The page without its blocks of code."""
    return re.sub(r"(?ms)^```.*?^```", "", page.read_text("utf-8"))


def section(page: Path, title: str) -> str:
    """What stands under a heading, up to the next one of its level."""
    found = re.search(rf"(?ms)^## {title}\n(.*?)(?=^## |\Z)", page.read_text("utf-8"))
    assert found, f"{name_of(page)} has no part « {title} »"
    return found[1]


def anchors(page: Path) -> set[str]:
    """What a link may name in a page, as GitHub makes it of headings."""
    heads = re.findall(r"(?m)^#+ (.*)$", page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def links(text: str) -> Iterator[str]:
    return (link for link in _LINK.findall(text) if not re.match(r"[a-z]+:", link))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in links(text_of(page)):
        path, _, anchor = link.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{name_of(page)} links to {link}, which is not there"
        if anchor:
            assert anchor in anchors(there), f"{name_of(page)} links to {link}, not a heading there"


@pytest.mark.parametrize("page", FOR_CONTRIBUTORS, ids=name_of)
def test_every_file_a_page_names_is_there(page: Path) -> None:
    """Where a page says `telling/outbox.py`, or a file that each service has."""
    named = {path for path in _PATH.findall(text_of(page)) if INVENTED not in path}
    missing = [path for path in sorted(named) if not any(places(path))]
    assert not missing, f"{name_of(page)} names what is not there: {', '.join(missing)}"


def places(path: str) -> Iterator[Path]:
    """Where a file may lie that is named from the root, its room, or any service."""
    rooms = [*ROOMS, *(room for more in MORE_ROOMS for room in ROOT.glob(more))]
    return (place for room in rooms for place in [room / path] if place.exists())


def test_the_road_of_an_application_is_short_enough_to_be_read() -> None:
    page = ROOT / "docs/architecture.md"
    road = [(page.parent / link).resolve() for link in links(section(page, ROAD))]
    files = [place for place in road if place.suffix != ".md"]
    assert all(place.is_file() for place in files)
    assert 10 < len(set(files)) <= LONGEST_ROAD


def test_the_names_that_the_glossary_explains_are_those_of_the_code() -> None:
    page = ROOT / "docs/glossary.md"
    files = [*ROOT.glob("contracts/*/*.py"), *ROOT.glob("chassis/essaim/**/*.py")]
    files += ROOT.glob("services/*/*/**/*.py")
    code = "\n".join(file.read_text("utf-8") for file in files)
    words = set(re.findall(r"\w+", code))
    named = {part for name in _NAME.findall(text_of(page)) for part in name.split(".")}
    assert not named - words - {"py"}


def test_people_read_the_words_of_the_glossary_on_the_site() -> None:
    of_the_field = text_of(ROOT / "docs/glossary.md").partition("## How the services talk")[0]
    lines = [line.strip("| ").split(" | ") for line in of_the_field.splitlines() if "| " in line]
    rows = [line for line in lines if line[0] != "français"]
    assert [tuple(row[:2]) for row in rows] == [(one.word.fr, one.word.en) for one in GLOSSARY]
    for row, term in zip(rows, GLOSSARY, strict=True):
        assert row[3].replace("`", "").startswith(term.meaning.en)


def test_each_rule_of_the_kit_names_the_section_that_asks_for_it() -> None:
    for rule in RULES:
        page, _, title = rule.where.partition(", ")
        assert section(ROOT / "docs" / page, title.strip("« »")), rule.check


def test_partners_read_of_every_question() -> None:
    told = section(ROOT / "docs" / "partners.md", "Questions")
    for question in all_questions():
        fields = ", ".join(f"`{name}`" for name in question.model_fields)
        answer = json.dumps(question.answer().model_dump())
        subject = question.subject.replace(EACH, "<service>")
        row = rf"\| `{re.escape(subject)}` \| [^|]+ \| {fields} \| `{re.escape(answer)}` \|"
        assert re.search(row, told), f"{question.subject}: {fields}, {answer}"

"""The English of every French text: `python -m essaim.text.translations [--check]`.

Texts are found in Python (`_()`, `N_()`, `ngettext()`, `.counted()`, the second argument of
`Refusal`) and in templates, package by package. Without `--check` new ones are added to the
package's messages.po, to be filled in, and those that left are removed. With it, nothing is
written: what is missing, left over, doubtful, wrongly filled, with a straight apostrophe or a
plural in brackets is listed with its place, and the exit code is 1.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from essaim.text.languages import CHASSIS, package_folder, po_file

_KEYWORDS: Any = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "counted": (1, 2),
    "Refusal": (2,),
}
_JINJA = {"newstyle_gettext": "true", "trimmed": "true", "extensions": "jinja2.ext.i18n"}
_STRAIGHT = re.compile(r"(?<=[^\W\d_])'(?=[^\W_]|[«“@{%])")
"""An apostrophe of a typewriter, in a word or before a value."""

_UNSEEN = re.compile(r"""gettext_of\(\w+\)\(\s*f?["']""")
_HEDGED = re.compile(r"[^\W\d_]\((?:s|e|es|x|le|ne|nt|ies)\)")
"""A plural or a feminine that leaves the choice to its reader."""

_PLACES = re.compile(r"%\((\w+)\)s|\{(\w+)[^{}]*\}")


def texts_of(folder: Path) -> Catalog:
    """Every text to translate of the package in `folder`, with the places it is used at."""
    catalogue = Catalog(locale="en", charset="utf-8")
    for path, line, text in sorted(_found(folder), key=lambda found: (found[0], found[1])):
        catalogue.add(text, locations=[(path, line)])
    return catalogue


def update(folder: Path, texts: Catalog) -> bool:
    """Write messages.po with these texts, keeping translations. False when nothing changed."""
    file = po_file(folder)
    known = _read(file)
    merged = Catalog(locale="en", charset="utf-8", fuzzy=False)
    for message in texts:
        if message.id:
            earlier = known.get(message.id)
            string = earlier.string if earlier else ""
            merged.add(message.id, string, locations=_files(message))
    written = BytesIO()
    write_po(written, merged, omit_header=True, width=100, include_lineno=False)
    text = _HEADER.encode() + written.getvalue()
    if file.exists() and file.read_bytes() == text:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text)
    return True


def problems_of(folder: Path, texts: Catalog, lent: Catalog) -> Iterator[str]:
    """What is wrong with a package's messages.po; `lent` has the words of the chassis."""
    file = po_file(folder)
    known = _read(file)
    name = file.relative_to(folder.parent)
    for message in texts:
        if not message.id:
            continue
        path, line = message.locations[0]
        place = f"{folder.name}/{path}:{line}"
        translated = known.get(message.id) or lent.get(message.id)
        if translated is None or not all(_strings(translated)):
            yield f"{place}: not translated: {_first(message)!r}"
        elif translated.fuzzy:
            yield f"{place}: doubtful (fuzzy): {_first(message)!r}"
        elif _wrong_places(translated):
            yield f"{place}: the places in braces differ from the translation: {_first(message)!r}"
    for message in known:
        if message.id and texts.get(message.id) is None:
            yield f"{name}:{message.lineno}: no longer used: {_first(message)!r}"


def straight_apostrophes(folder: Path, texts: Catalog) -> Iterator[str]:
    """Where a reader would meet ' in the place of ’: in texts, their English, and templates."""
    for place, text in _read_by_people(folder, texts):
        if _STRAIGHT.search(text):
            yield f"{place}: write ’ for ': {text.strip()!r}"


def hedged_plurals(folder: Path, texts: Catalog) -> Iterator[str]:
    """Where a reader would meet « 2 décision(s) »."""
    for place, text in _read_by_people(folder, texts):
        if _HEDGED.search(text):
            yield f"{place}: write the singular and the plural: {text.strip()!r}"


def unseen_texts(folder: Path) -> Iterator[str]:
    """Where a text is translated at once by what gives a language: nobody finds it there."""
    for file in sorted(folder.rglob("*.py")):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if _UNSEEN.search(line):
                place = f"{folder.name}/{file.relative_to(folder)}:{number}"
                yield f"{place}: name it « _ », or mark its text with N_: {line.strip()!r}"


def _read_by_people(folder: Path, texts: Catalog) -> Iterator[tuple[str, str]]:
    for message in texts:
        for text in _ids(message) if message.id else ():
            path, line = message.locations[0]
            yield f"{folder.name}/{path}:{line}", text
    for path, line, words in _found_words(folder):
        for text in words:
            yield f"{folder.name}/{path}:{line}", text
    file = po_file(folder)
    for message in _read(file):
        for text in _strings(message) if message.id else ():
            yield f"{file.relative_to(folder.parent)}:{message.lineno}", text
    for template in _templates(folder):
        for number, text in enumerate(template.read_text("utf-8").splitlines(), 1):
            yield f"{template.relative_to(folder.parent)}:{number}", text


_HEADER = """\
# The English of the French texts of this package. Kept up to date by
# python -m essaim.text.translations; fill in the empty msgstr, then run it with --check.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def _found(folder: Path) -> Iterator[tuple[str, int, Any]]:
    for path in sorted(folder.rglob("*.py")):
        yield from _extracted("python", path, folder, {})
    for path in _templates(folder):
        yield from _extracted(babel_extract, path, folder, _JINJA)


def _found_words(folder: Path) -> Iterator[tuple[str, int, tuple[str, str]]]:
    """`Words("…", "…")` is in both languages already."""
    for path in sorted(folder.rglob("*.py")):
        yield from _extracted("python", path, folder, {}, {"Words": (1, 2)})


def _templates(folder: Path) -> list[Path]:
    """Of pages, and of mails."""
    return [
        path
        for name in ("web/templates", "templates", "mail")
        for path in sorted((folder / name).rglob("*.*"))
    ]


def _extracted(
    method: Any, path: Path, folder: Path, options: dict[str, str], keywords: Any = _KEYWORDS
) -> Iterator[tuple[str, int, Any]]:
    found = extract_from_file(method, path, keywords=keywords, options=options)
    for line, text, _comments, _context in found:
        yield path.relative_to(folder).as_posix(), line, text


def _read(file: Path) -> Catalog:
    if not file.exists():
        return Catalog(locale="en")
    with file.open("rb") as opened:
        return read_po(opened, locale="en")


def _files(message: Message) -> list[tuple[str, int]]:
    # Without line numbers: they would change the file with every edit above.
    return sorted({(path, 0) for path, _ in message.locations})


def _first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ("",))


def _ids(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def _wrong_places(message: Message) -> bool:
    asked = {place for text in _ids(message) for place in _PLACES.findall(text)}
    return any(set(_PLACES.findall(text)) - asked for text in _strings(message)) or any(
        asked - {place for text in _strings(message) for place in _PLACES.findall(text)}
    )


def _packages() -> list[str]:
    """The chassis and the packages installed beside it; a broken one is checked all the same."""
    groups = ("essaim.services", "essaim.commands")
    points = [point for group in groups for point in entry_points(group=group)]
    return [CHASSIS, *sorted({point.module.partition(".")[0] for point in points})]


def main() -> int:
    parser = argparse.ArgumentParser(description="Keep the translations of all packages.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail on problems")
    parser.add_argument("packages", nargs="*", help="all installed ones by default")
    arguments = parser.parse_args()
    folders = {name: package_folder(name) for name in arguments.packages or _packages()}
    lent = _read(po_file(folders.get(CHASSIS) or package_folder(CHASSIS) or Path()))
    problems = []
    for name, folder in folders.items():
        if folder is None:
            problems.append(f"{name}: there is no package of this name.")
            continue
        texts = texts_of(folder)
        if arguments.check:
            problems += problems_of(folder, texts, Catalog() if name == CHASSIS else lent)
            problems += straight_apostrophes(folder, texts)
            problems += hedged_plurals(folder, texts)
            problems += unseen_texts(folder)
        elif update(folder, _own(texts, Catalog() if name == CHASSIS else lent)):
            print(f"{po_file(folder).relative_to(folder.parent)} updated.")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _own(texts: Catalog, lent: Catalog) -> Catalog:
    """Without the words the chassis has already."""
    for message in list(texts):
        if message.id and lent.get(message.id) is not None:
            texts.delete(message.id)
    return texts


if __name__ == "__main__":
    sys.exit(main())

"""The HTML form of a letter, made from its text alone.

So both say the same, and a value can never become markup.
"""

import html
import re
from collections.abc import Iterable
from functools import cache

import css_inline
import jinja2

from notifications.letters.text import FOLDER
from notifications.message import Text


def to_html(
    text: Text, language: str, footer: str, link: str | None, pages: Iterable[str] = ()
) -> str:
    """The HTML part. Only `link`, and in the footer `pages`, become links: what a value holds
    stays text."""
    blocks = [_block(block, link) for block in text.body.split("\n\n")]
    below = _linked(footer, pages)
    page = _layout().render(language=language, subject=text.subject, blocks=blocks, footer=below)
    return _INLINER.inline(page)


_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)
_LINK = re.compile(r"→ (?P<label>[^:]+?)[\s:]+(?P<url>https?://\S+)")


def _linked(footer: str, pages: Iterable[str]) -> str:
    known = "|".join(re.escape(html.escape(one)) for one in sorted(pages, key=len, reverse=True))
    lines = "<br>".join(html.escape(line) for line in footer.split("\n"))
    if not known:
        return lines
    return re.sub(rf"({known})(?=\s|<|$)", r'<a href="\1">\1</a>', lines)


def _block(block: str, link: str | None) -> str:
    lines = [html.escape(line) for line in block.split("\n")]
    if all(line.startswith("– ") for line in lines):
        return "<ul>" + "".join(f"<li>{line[2:]}</li>" for line in lines) + "</ul>"
    found = _LINK.fullmatch(block)
    if link and found and found["url"] == link:
        href, label = html.escape(link), html.escape(found["label"])
        return f'<p><a class="button" href="{href}">{label}</a></p>'
    return f"<p>{'<br>'.join(lines)}</p>"


@cache
def _layout() -> jinja2.Template:
    # The blocks are HTML already; everything else is escaped.
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER), autoescape=True)
    return environment.get_template("layout.html")

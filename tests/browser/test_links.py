"""Every link a page shows leads somewhere, and a link for people never to what programs read."""

import re
from collections import Counter
from urllib.parse import urljoin

import pytest

from tests.browser.played import ALIX, Played
from tests.browser.screen import Open

pytestmark = pytest.mark.browser

_HREF = re.compile(r'<a [^>]*href="([^"]+)"')
_OF_ITS_KIND = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\?.*|#.*")
_LETTER = "/notifications/mailbox/"
"""What leads on from there is its reader's, not who looks into the mailbox."""
_ENOUGH = 2
"""How many pages of one kind are opened: the others differ by their rows alone."""


@pytest.mark.parametrize("who", [None, ALIX], ids=["everybody", "coordination"])
def test_no_link_is_dead_nor_for_programs(opened: Open, played: Played, who: str | None) -> None:
    browser = opened(who=who).context.request
    to_open, seen, of_kind = [("/", "a bookmark")], {"/"}, Counter[str]()

    while to_open:
        address, found_on = to_open.pop()
        answer = browser.get(address)
        assert answer.ok, f"{address}, found on {found_on}, answers {answer.status}"
        assert not answer.headers["content-type"].startswith("application/problem"), address
        if "text/html" not in answer.headers["content-type"] or address.startswith(_LETTER):
            continue
        for href in _HREF.findall(answer.text()):
            path = urljoin(answer.url, href.replace("&amp;", "&")).removeprefix(played.address)
            kind = _OF_ITS_KIND.sub("", path)
            assert "/api/" not in path, f"{address} sends people to {path}"
            if path.startswith("/") and path not in seen and of_kind[kind] < _ENOUGH:
                of_kind[kind] += 1
                seen.add(path)
                to_open.append((path, address))

    assert len(seen) > 20

"""The menu: it follows the edition, and is the same in every service.

Each partner says which of its pages stand where; the first link of a part is what the part leads
to, and all of them are shown once one is there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from essaim_contracts.words import Words
from fastapi import Request

from essaim.consortium.partners import Link, Partner, Stage
from essaim.service import NavigationEntry
from essaim.text.languages import CHASSIS, N_
from essaim.web.site import keeper_of, own_path, runtime_of, site_of
from essaim.web.visitors import may, visitor

STAGES = {
    Stage.CALL: N_("Appel"),
    Stage.SELECTION: N_("Sélection"),
    Stage.COHORT: N_("Promotion"),
    Stage.CALENDAR: N_("Agenda"),
    Stage.MESSAGES: N_("Messages"),
    Stage.REPORT: N_("Bilan"),
    Stage.OPERATION: N_("Exploitation"),
}
"""What each part of an edition is called, in the order of the menu."""

FIRST_PAGE = "/home"
"""Where the keeper shows what waits for whoever signed in, and welcomes all others."""


@dataclass(frozen=True)
class Item:
    """A link of the menu. `current` is what assistive technology is told: page, true or nothing."""

    label: str | Words
    address: str
    current: str = ""
    is_elsewhere: bool = False


@dataclass(frozen=True)
class Menu:
    """`parts` are those of the edition, `pages` those of the part one is in."""

    parts: tuple[Item, ...]
    pages: tuple[Item, ...]


def menu_of(request: Request) -> Menu:
    """What this visitor is shown, and where in it she is."""
    partners = [one for one in runtime_of(request).consortium.partners if one.pages]
    shown = [
        (partner, link)
        for partner in partners
        if partner.revoked is None
        for link in partner.links
        if _may_see(request, link.roles)
    ]
    entry = _entry_here(request)
    stage = entry.stage if entry else None
    parts = [*_to_do(request), *_parts(shown, stage)]
    parts += [_outside(request, one) for one in partners if not one.links and not one.revoked]
    return Menu(tuple(parts), tuple(_pages(request, shown, entry)))


def _may_see(request: Request, roles: Iterable[str]) -> bool:
    return not roles or may(request, *roles)


def _entry_here(request: Request) -> NavigationEntry | None:
    """What of this service's navigation the page belongs to, among what the visitor is shown."""
    if site_of(request).package == CHASSIS:
        return None
    path = own_path(request)
    if path == FIRST_PAGE and visitor(request):
        return None  # it is of no part: what waits in all of them
    navigation = runtime_of(request).service.navigation
    entries = [one for one in navigation if _may_see(request, one.roles)]
    for entry in entries:
        if any(fnmatchcase(path, pattern) for pattern in entry.covers):
            return entry
    under = [
        one for one in entries if path == one.path or path.startswith(f"{one.path.rstrip('/')}/")
    ]
    return max(under, key=lambda one: len(one.path), default=None)


def _to_do(request: Request) -> list[Item]:
    """The first page, for whoever signed in."""
    keeper = keeper_of(request)
    if keeper is None or visitor(request) is None:
        return []
    address = keeper.root + FIRST_PAGE
    is_here = request.url.path == address
    return [Item(N_("À faire"), address, "page" if is_here else "", keeper.has_own_host)]


def _parts(shown: list[tuple[Partner, Link]], here: Stage | None) -> Iterable[Item]:
    for stage, label in STAGES.items():
        first = next((one for one in shown if one[1].stage == stage), None)
        if first is not None:
            partner, link = first
            current = "true" if stage == here else ""
            yield Item(label, partner.root + link.path, current, partner.has_own_host)


def _pages(
    request: Request, shown: list[tuple[Partner, Link]], entry: NavigationEntry | None
) -> Iterable[Item]:
    """The pages of the part one is in; where a service names none, its own."""
    root, path = f"/{runtime_of(request).service.name}", request.url.path
    if entry is not None and entry.stage is not None:
        links = [(one, link) for one, link in shown if link.stage == entry.stage]
        if len(links) > 1:
            for partner, link in links:
                address = partner.root + link.path
                is_here = link.path == entry.path and partner.service == root[1:]
                current = ("page" if path == address else "true") if is_here else ""
                yield Item(link.label, address, current, partner.has_own_host)
    elif site_of(request).package != CHASSIS:
        for one in runtime_of(request).service.navigation:
            if one.stage is None and _may_see(request, one.roles):
                address = root + one.path
                yield Item(one.label, address, "page" if path == address else "")


def _outside(request: Request, partner: Partner) -> Item:
    """A partner that says nothing of its pages: they are under its title."""
    here = site_of(request).package != CHASSIS
    is_here = here and partner.service == runtime_of(request).service.name
    current = "true" if is_here else ""
    return Item(partner.title, partner.pages or "", current, partner.has_own_host)

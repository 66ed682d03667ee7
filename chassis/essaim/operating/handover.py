"""The folder that whoever joins is given: key, settings, a guide, and what runs the service."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from essaim.consortium.file import as_yaml
from essaim.consortium.partners import Consortium, Partner
from essaim.operating.desk import Desk
from essaim.operating.joining import Joined
from essaim.people.signing import public_key_in
from essaim.settings import Settings

_FILES = {
    "service": (
        "settings.env", "docker-compose.yml", "prepare.sh", "README.md", "LISEZMOI.md",
    ),
    "reader": ("settings.env", "read.py", "README.md", "LISEZMOI.md"),
}  # fmt: skip


@dataclass(frozen=True)
class Hub:
    """What whoever joins has to know of it.

    `broker` is the address that reaches it from elsewhere, `ca` the certificate that vouches for it
    (PEM; empty without TLS), `pages` the address of the common pages, `services` those of Essaim.
    """

    broker: str
    ca: str
    pages: str
    sign_in_public_key: str
    services: frozenset[str]


def hub_of(desk: Desk, keeper: Settings) -> Hub:
    """As the settings of who keeps the directory say it."""
    name = f"tls://{keeper.nats_host}:{keeper.nats_port or 4222}" if keeper.nats_host else ""
    return Hub(
        broker=name or desk.url or keeper.nats_url,
        ca=desk.ca.read_text() if desk.ca else "",
        pages=keeper.public_url,
        sign_in_public_key=public_key_in(keeper),
        services=frozenset(desk.services),
    )


class FolderInTheWay(Exception):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} is there already, and may hold a key that is in use. Move it away, or name "
            "another folder with --to."
        )


def files_of(joined: Joined, hub: Hub) -> dict[str, str]:
    """The content of each file, by its name."""
    who, consortium = joined.who, from_elsewhere(joined.consortium, hub.pages)
    kind = "service" if isinstance(who, Partner) else "reader"
    values: dict[str, Any] = {"who": who, "hub": hub, "consortium": consortium}
    files = {f"{who.name}.seed": f"{joined.seed}\n"}
    if isinstance(who, Partner):
        values["keeper"] = consortium.keeping.root_at(hub.pages)
        values["is_ours"] = who.service in hub.services
        values |= _doors(who)
        files["consortium.yaml"] = as_yaml(consortium, spelt_out=True)
    if hub.ca:
        files["ca.pem"] = hub.ca
    for name in (*_FILES[kind], *_in_front(values)):
        files[name] = _templates.get_template(f"{kind}/{name}.j2").render(values)
    return files


def _doors(who: Partner) -> dict[str, Any]:
    """`port` is where its pages are found on its machine; under `tls_name` Caddy speaks TLS."""
    at = urlsplit(who.host)
    if at.scheme == "https":
        return {"port": 8080, "tls_name": at.hostname, "tls_port": at.port or 443}
    return {"port": at.port or 8080, "tls_name": None, "tls_port": None}


def _in_front(values: dict[str, Any]) -> Iterator[str]:
    """What stands before a service that has pages."""
    if getattr(values["who"], "pages", None):
        yield "Caddyfile"
        if values["tls_port"]:
            yield "docker-compose.override.yml"


def from_elsewhere(consortium: Consortium, pages: str) -> Consortium:
    """With the common pages' host in every address, as another host needs it."""
    return replace(
        consortium,
        partners=tuple(
            replace(one, pages=f"{pages.rstrip('/')}{one.pages}")
            if one.pages and not one.has_own_host
            else one
            for one in consortium.partners
        ),
    )


def write_folder(folder: Path, files: dict[str, str]) -> None:
    """Write the files where only their owner reads them.

    Raises:
        FolderInTheWay: there is something already.
    """
    check_free(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in files.items():
        file = folder / name
        file.touch(mode=0o600)
        file.write_text(content, encoding="utf-8")


def check_free(folder: Path) -> None:
    """
    Raises:
        FolderInTheWay: there is something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderInTheWay(folder)


def zipped(name: str, files: dict[str, str]) -> bytes:
    """The same as one file, that unpacks into a folder of this name."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for file, content in files.items():
            member = ZipInfo(f"{name}/{file}", date_time=(1980, 1, 1, 0, 0, 0))
            member.external_attr = 0o600 << 16
            archive.writestr(member, content)
    return out.getvalue()


# Text for a shell, Docker and Markdown: nothing in it is HTML.
_templates = Environment(
    loader=PackageLoader("essaim", "operating/given"),
    undefined=StrictUndefined,
    autoescape=False,  # noqa: S701
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)

"""The consortium file: read beside the services installed here, written for who begins without one.

What an entry leaves out, the service says itself where it is installed. A host that runs one
service only needs a file that is spelt out.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from essaim_contracts.words import Words

from essaim.consortium.partners import (
    ALL_OF_HER,
    Consortium,
    Link,
    Partner,
    Provider,
    Reader,
    Seen,
)
from essaim.consortium.rules import (
    EVERYONE,
    EVERYTHING,
    BothTexts,
    Entries,
    Entry,
    LinkEntry,
    ProviderEntry,
    ReaderEntry,
    contradictions,
    directory_of,
)
from essaim.person import Role
from essaim.refusal import Refusal
from essaim.service import Service, installed_services
from essaim.settings import Settings
from essaim.text.file_check import FileFormat, Values, check
from essaim.text.file_errors import WrongFile, error_at
from essaim.text.languages import CHASSIS, tongue_of
from essaim.text.yaml_source import read_yaml

NAME = "Essaim"
"""Of a consortium without a file, and of the one organisation that runs all of it."""


class UnreadableConsortium(Exception):
    def __init__(self, file: Path, wrong: WrongFile) -> None:
        _ = tongue_of(CHASSIS, "en")
        lines = (f"{file}:{error.line}: {_.refusal(error.why)}" for error in wrong.errors)
        super().__init__("\n".join(lines))


class NoSuchFile(Exception):
    def __init__(self, file: Path) -> None:
        super().__init__(
            f"There is no consortium file {file}, which ESSAIM_CONSORTIUM names. Put it there, or "
            "unset the variable: the consortium is then made of the installed services."
        )


class NotInConsortium(Exception):
    def __init__(self, service: str, consortium: Consortium) -> None:
        super().__init__(
            f"The service {service} is installed here, and no partner of {consortium.name} runs it "
            f"({', '.join(consortium.services)} are run). Add its entry to the consortium file, "
            f"as {FORMAT.page} shows, or uninstall it."
        )


def consortium_of(settings: Settings, services: Mapping[str, Service] | None = None) -> Consortium:
    """The file that the settings name, else the data folder's, else the installed services.

    Raises:
        UnreadableConsortium: the file is wrong, with every line that is.
        NoSuchFile: the file that the settings name is not there.
    """
    services = installed_services() if services is None else services
    file = settings.consortium or file_in(settings.data)
    if file.exists():
        return read(file, services)
    if settings.consortium is not None:
        raise NoSuchFile(file)
    return of_services(services)


def written_at(settings: Settings) -> int | None:
    """When the file was written that `consortium_of` reads, as its disk says; None without one."""
    file = settings.consortium or file_in(settings.data)
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return None


def kept_in(data: Path, services: Mapping[str, Service]) -> Consortium:
    """The consortium of a folder where these services run; its file is made the first time.

    Raises:
        UnreadableConsortium: the file is wrong, with every line that is.
        NotInConsortium: one of the services is not in it.
    """
    file = file_in(data)
    if not file.exists():
        data.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: half a file would be refused for ever.
        new = file.with_suffix(".new")
        new.write_text(as_yaml(of_services(services), spelt_out=False), encoding="utf-8")
        new.rename(file)
    consortium = read(file, services)
    for service in services:
        check_takes_part(service, consortium)
    return consortium


def check_takes_part(service: str, consortium: Consortium) -> None:
    """
    Raises:
        NotInConsortium: no partner runs this service.
    """
    if consortium.find(service) is None:
        raise NotInConsortium(service, consortium)


def file_in(data: Path) -> Path:
    return data / "consortium.yaml"


def read(file: Path, services: Mapping[str, Service]) -> Consortium:
    """
    Raises:
        UnreadableConsortium: the file is wrong, with every line that is.
    """
    try:
        return parse(file.read_bytes(), services)
    except WrongFile as wrong:
        raise UnreadableConsortium(file, wrong) from wrong


def parse(written: str | bytes, services: Mapping[str, Service]) -> Consortium:
    """
    Raises:
        WrongFile: it is not well formed, an entry lacks something, or two contradict each other.
    """
    source = read_yaml(written)
    whole = replace(source, data=_completed(source.data, services))
    entries = check(whole, Entries, FORMAT)
    wrong = list(contradictions(entries, services))
    if wrong:
        raise WrongFile(error_at(source.place_of(at), at, why) for at, why in wrong)
    readers = tuple(map(_reader, entries.readers))
    providers = tuple(map(_provider, entries.sign_in_with))
    partners = tuple(_partner(entry, services) for entry in entries.partners)
    return Consortium(entries.name, partners, readers, providers, entries.retention)


def of_services(services: Mapping[str, Service]) -> Consortium:
    """One organisation that runs all of these services, and nobody else."""
    ordered = sorted(services.values(), key=lambda service: (service.place, service.name))
    return Consortium(NAME, tuple(_partner(_entry_of(one), services) for one in ordered))


def as_yaml(consortium: Consortium, *, spelt_out: bool) -> str:
    """The file of a consortium; unless `spelt_out`, for where its services are installed."""
    entries = [_entry(partner) for partner in consortium.partners]
    readers = tuple(map(_reader_entry, consortium.readers))
    file = Entries(
        format="essaim-consortium/1",
        name=consortium.name,
        partners=tuple(entries),
        readers=readers,
        sign_in_with=tuple(map(_provider_entry, consortium.providers)),
        retention=dict(consortium.retention),
    )
    said_by_services = set() if spelt_out else {"says", "hears", "asks"}
    values = file.model_dump(
        mode="json", exclude_none=True, exclude={"partners": {"__all__": said_by_services}}
    )
    for empty in ("readers", "sign_in_with", "retention"):
        if not values[empty]:
            del values[empty]
    written = yaml.dump(values, Dumper=_Indented, allow_unicode=True, sort_keys=False, width=100)
    return f"# Who takes part. Each key is explained in {FORMAT.page}.\n{written}"


class _Indented(yaml.SafeDumper):
    """Lists stand further in than their key, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _completed(data: Any, services: Mapping[str, Service]) -> Any:
    """The data of a file, with what its entries leave out and their services say."""
    if not isinstance(data, dict) or not isinstance(data.get("partners"), list):
        return data
    named = [entry.get("service") for entry in data["partners"] if isinstance(entry, dict)]
    return data | {"partners": [_complete(entry, services, named) for entry in data["partners"]]}


def _complete(entry: Any, services: Mapping[str, Service], named: list[Any]) -> Any:
    if not isinstance(entry, dict):
        return entry
    written = {key: value for key, value in entry.items() if value is not None}
    service = services.get(str(entry.get("service")))
    if service is None:
        return written
    own = _entry_of(service).model_dump(mode="json", exclude={"organisation"}, exclude_none=True)
    # Whoever is not in the file cannot be asked.
    own["asks"] = [asked for asked in own["asks"] if asked in named]
    return own | written


def _entry_of(service: Service) -> Entry:
    """What an installed service says of itself."""
    return Entry(
        organisation=NAME,
        service=service.name,
        title=_both(service, service.title),
        purpose=_both(service, service.purpose or service.title),
        pages=f"/{service.name}/",
        directory=directory_of(service),
        says=tuple(sorted(fact.type for fact in service.says)),
        hears=_listed(service.hears, EVERYTHING),
        asks=tuple(sorted(service.asked - {service.name})),
        links=tuple(
            LinkEntry(
                stage=one.stage, label=_both(service, one.label), path=one.path, roles=one.roles
            )
            for one in service.navigation
            if one.stage is not None
        ),
    )


def _both(service: Service, msgid: str) -> BothTexts:
    return BothTexts(fr=msgid, en=tongue_of(service.name, "en")(msgid))


def _entry(partner: Partner) -> Entry:
    return Entry(
        organisation=partner.organisation,
        service=partner.service,
        title=BothTexts(fr=partner.title.fr, en=partner.title.en),
        purpose=BothTexts(fr=partner.purpose.fr, en=partner.purpose.en),
        pages=partner.pages,
        directory=partner.directory,
        says=tuple(sorted(partner.says)),
        hears=_listed(partner.hears, EVERYTHING),
        asks=_listed(partner.asks, EVERYONE),
        sees=tuple(one for one in Seen if one in partner.sees) if _sees_a_part(partner) else None,
        programmes=None if partner.programmes is None else tuple(sorted(partner.programmes)),
        key=partner.key,
        revoked=partner.revoked,
        links=tuple(map(_link_entry, partner.links)),
    )


def _link_entry(link: Link) -> LinkEntry:
    label = BothTexts(fr=link.label.fr, en=link.label.en)
    roles = tuple(role for role in Role if role in link.roles)
    return LinkEntry(stage=link.stage, label=label, path=link.path, roles=roles)


def _link(entry: LinkEntry) -> Link:
    label = Words(entry.label.fr, entry.label.en)
    return Link(entry.stage, label, entry.path, frozenset(entry.roles))


def _reader_entry(reader: Reader) -> ReaderEntry:
    return ReaderEntry(
        name=reader.name,
        organisation=reader.organisation,
        reads=_listed(reader.reads, EVERYTHING),
        programmes=None if reader.programmes is None else tuple(sorted(reader.programmes)),
        one_at_a_time=reader.one_at_a_time,
        key=reader.key,
        revoked=reader.revoked,
    )


def _reader(entry: ReaderEntry) -> Reader:
    return Reader(
        name=entry.name,
        organisation=entry.organisation,
        reads=None if EVERYTHING in entry.reads else frozenset(entry.reads),
        programmes=None if entry.programmes is None else frozenset(entry.programmes),
        one_at_a_time=entry.one_at_a_time,
        key=entry.key,
        revoked=entry.revoked,
    )


def _provider(entry: ProviderEntry) -> Provider:
    everyone = EVERYONE in entry.speaks_for
    return Provider(
        name=entry.name,
        organisation=entry.organisation,
        title=entry.title,
        issuer=entry.issuer,
        client_id=entry.client_id,
        domains=None if everyone else frozenset(one.lower() for one in entry.speaks_for),
        scopes=entry.scopes,
        acr_values=entry.acr_values,
        vouches=entry.vouches,
    )


def _provider_entry(provider: Provider) -> ProviderEntry:
    return ProviderEntry(
        name=provider.name,
        organisation=provider.organisation,
        title=provider.title,
        issuer=provider.issuer,
        client_id=provider.client_id,
        speaks_for=_listed(provider.domains, EVERYONE),
        scopes=provider.scopes,
        acr_values=provider.acr_values,
        vouches=provider.vouches,
    )


def _sees_a_part(partner: Partner) -> bool:
    """Whether the directory tells it something of a person, and not all."""
    return partner.sees not in (frozenset(), ALL_OF_HER)


def _partner(entry: Entry, services: Mapping[str, Service]) -> Partner:
    installed = services.get(entry.service)
    return Partner(
        service=entry.service,
        organisation=entry.organisation,
        title=Words(entry.title.fr, entry.title.en),
        purpose=Words(entry.purpose.fr, entry.purpose.en),
        pages=entry.pages,
        directory=entry.directory,
        says=frozenset(entry.says),
        hears=None if EVERYTHING in entry.hears else frozenset(entry.hears),
        asks=None if EVERYONE in entry.asks else frozenset(entry.asks),
        sees=entry.seen,
        programmes=None if entry.programmes is None else frozenset(entry.programmes),
        key=entry.key,
        revoked=entry.revoked,
        links=tuple(map(_link, entry.links)),
        may_hear_again=installed is None or installed.hearing.repeatable,
    )


def _listed(names: frozenset[str] | None, all: str) -> tuple[str, ...]:
    return (all,) if names is None else tuple(sorted(names))


def _lacking(values: Values) -> Refusal:
    if values["key"] not in ("title", "purpose", "says", "hears"):
        return Refusal(
            "missing_key", "Il manque « {key} » ici. Ajoutez la ligne « {key}: … ».", **values
        )
    return Refusal(
        "entry_lacks_key",
        "Il manque « {key} » : ce service n’est pas installé ici, qui le dirait lui-même. Ajoutez "
        "la ligne, ou prenez le fichier que donne « essaim consortium » là où il est installé.",
        **values,
    )


FORMAT = FileFormat("essaim-consortium/1", "docs/operators.md", {"missing": _lacking})

"""Where a webhook may lead: addresses of the public internet, by https, under one reading."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from essaim.refusal import Refusal
from pydantic import HttpUrl, TypeAdapter, ValidationError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 500
_FIRST_FREE_PORT = 1024
_USUAL_PORTS = {"https": 443, "http": 80}

_URL = TypeAdapter(HttpUrl)
_NAT64 = IPv6Network("64:ff9b::/96")
_NOT_PUBLIC: tuple[Network, ...] = (
    # Where machines of some clouds are told their secrets, by what looks like public addresses.
    IPv4Network("168.63.129.16/32"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("3fff::/20"),
    IPv6Network("5f00::/16"),
)
"""Beside those that Python knows of, an older one not all."""


@dataclass(frozen=True)
class Target:
    """An address, taken apart once: what is checked is what is connected to.

    `host` is a name in ASCII, or an IP address without brackets; `path` has the query too.
    """

    url: str
    is_secure: bool
    host: str
    port: int
    path: str

    @property
    def names_host(self) -> str:
        """As the header `Host` names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _USUAL_PORTS["https" if self.is_secure else "http"]
        return host if self.port == usual else f"{host}:{self.port}"


def read_target(text: str) -> Target:
    """An address as browsers read it: decimal and octal forms of an IP address become plain.

    Raises:
        Refusal: it is no address, or one nothing is sent to, whatever it leads to.
    """
    try:
        url = _URL.validate_python(text)
    except ValidationError as error:
        raise not_a_url() from error
    if url.host is None or url.port is None or len(str(url)) > LONGEST_URL:
        raise not_a_url()
    if url.username or url.password or url.fragment is not None:
        raise url_with_more()
    if url.port not in _USUAL_PORTS.values() and url.port < _FIRST_FREE_PORT:
        raise forbidden_port(url.port)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    host = url.host.strip("[]")
    return Target(str(url), url.scheme == "https", host, url.port, path)


def is_allowed(address: Address, networks: Iterable[Network]) -> bool:
    """Whether something may be sent there: it is public, or of a network the operator allows."""
    reached = (*_inside(address), *(() if address in _NAT64 else (address,)))
    if any(is_in(one, networks) for one in reached):
        return True
    return all(_is_public(one) for one in reached)


def is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == one.version and address in one for one in networks)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    if is_in(address, _NOT_PUBLIC):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _inside(address: Address) -> Iterable[Address]:
    """The IPv4 addresses that an IPv6 one leads to: mapped, of 6to4, Teredo or NAT64."""
    if isinstance(address, IPv4Address):
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)


def read_address(text: str) -> Address:
    """An address as the resolver writes it; the zone of a link-local one is left out.

    Raises:
        ValueError: it is none.
    """
    return ip_address(text.partition("%")[0])


def read_networks(text: str) -> tuple[Network, ...]:
    """Networks separated by commas: `127.0.0.0/8, ::1`.

    Raises:
        ValueError: one of them is none.
    """
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


def not_a_url() -> Refusal:
    return Refusal(
        "not_a_url",
        "Ce n’est pas une adresse web entière. Écrivez par exemple "
        "https://exemple.fr/notifications, en {longest} signes au plus.",
        field="url",
        status=422,
        longest=LONGEST_URL,
    )


def url_with_more() -> Refusal:
    return Refusal(
        "url_with_more",
        "L’adresse contient un identifiant, un mot de passe ou un « # ». Écrivez-la sans eux : "
        "l’envoi est signé, c’est à cela qu’il se reconnaît.",
        field="url",
        status=422,
    )


def forbidden_port(port: int) -> Refusal:
    return Refusal(
        "forbidden_port",
        "Le port {port} est celui d’un autre usage que le web. Choisissez 443, ou un port à partir "
        "de {first}.",
        field="url",
        status=422,
        port=str(port),
        first=str(_FIRST_FREE_PORT),
    )


def not_secure() -> Refusal:
    return Refusal(
        "not_secure",
        "L’adresse doit commencer par https:// : en clair, n’importe qui sur le chemin lirait et "
        "changerait ce qui est envoyé.",
        field="url",
        status=422,
    )


def unknown_host(host: str) -> Refusal:
    return Refusal(
        "unknown_host",
        "Le nom « {host} » est inconnu, ou l’annuaire des noms ne répond pas. Vérifiez l’adresse.",
        field="url",
        status=422,
        host=host,
    )


def forbidden_address(host: str) -> Refusal:
    return Refusal(
        "forbidden_address",
        "« {host} » mène à une adresse d’un réseau privé, où rien n’est envoyé. Donnez une adresse "
        "que tout Internet atteint, ou demandez à l’exploitant d’autoriser ce réseau.",
        field="url",
        status=422,
        host=host,
    )

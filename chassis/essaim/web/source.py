"""Where a request comes from, to count what one place asks for."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from fastapi import Request

_ONE_HOUSEHOLD = 64
"""Bits of an IPv6 address that a provider gives to one subscriber, who has all that follow."""


def source_of(request: Request) -> str:
    """The visitor's address, as the last machine says that we trust; of IPv6 its network.

    Uvicorn takes it from the proxies that FORWARDED_ALLOW_IPS names, from nobody else.
    """
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host or "unknown"
    return _place_of(address)


def _place_of(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _ONE_HOUSEHOLD), strict=False))

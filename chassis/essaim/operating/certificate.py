"""Until when the certificate of an address holds, as whoever connects to it is shown."""

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509

PATIENCE = 5.0
"""Seconds the address has to answer."""


@dataclass(frozen=True)
class Certificate:
    """`issuer` signed it; it is renewed when a third of its time is left, or should be."""

    issuer: str
    begins: datetime
    ends: datetime

    def left(self, now: datetime) -> timedelta:
        return self.ends - now

    def is_renewed_in_time(self, now: datetime) -> bool:
        return self.left(now) > (self.ends - self.begins) / 6


def certificate_of(url: str) -> Certificate:
    """Whoever signed it: an internal authority is known to browsers, not to this machine.

    Raises:
        OSError: nobody answers there, or does not speak TLS.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((host, parts.port or 443), PATIENCE) as connection,
        trusting.wrap_socket(connection, server_hostname=host) as secure,
    ):
        shown = secure.getpeercert(binary_form=True)
    certificate = x509.load_der_x509_certificate(shown or b"")
    return Certificate(
        certificate.issuer.rfc4514_string(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )

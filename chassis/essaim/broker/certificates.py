"""The broker's own certificate authority: what partners check that they speak to the right server.

Made once, beside the broker. The authority's key signs servers and nothing else, and stays there.
"""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from essaim.broker.users import write_secret

_YEARS = timedelta(days=3652)
"""How long an authority and a server are valid: they are made anew by their half."""
_CA, _CA_KEY, _SERVER, _SERVER_KEY = "ca.pem", "ca-key.pem", "server.pem", "server-key.pem"


def certificates_in(folder: Path, names: Sequence[str]) -> tuple[str, str, str]:
    """The authority's certificate, and the server's for these names with its key, as PEM.

    The authority is made when there is none, the server's certificate also when it is for other
    names, or in the second half of its life.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / _CA).exists():
        _keep(folder, _CA, _CA_KEY, *_authority())
    ca = x509.load_pem_x509_certificate((folder / _CA).read_bytes())
    if not _serves(folder / _SERVER, names):
        pem = (folder / _CA_KEY).read_bytes()
        ca_key = cast(ec.EllipticCurvePrivateKey, load_pem_private_key(pem, None))
        _keep(folder, _SERVER, _SERVER_KEY, *_server(ca, ca_key, names))
    server, key = ((folder / name).read_text() for name in (_SERVER, _SERVER_KEY))
    return (folder / _CA).read_text(), server, key


def _keep(
    folder: Path,
    name: str,
    key_name: str,
    certificate: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_secret(folder / key_name, pem.decode())
    # Last: where it is, the other one is too.
    write_secret(folder / name, certificate.public_bytes(Encoding.PEM).decode())


def _serves(file: Path, names: Sequence[str]) -> bool:
    if not file.exists():
        return False
    found = x509.load_pem_x509_certificate(file.read_bytes())
    held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    is_young = found.not_valid_after_utc - datetime.now(UTC) > _YEARS / 2
    return is_young and set(held) == set(map(_name, names))


def _authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _called("Essaim broker")
    # Twice as long as a server: whatever it signs ends before it.
    built = (
        _begun(name, name, key, 2 * _YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
    )
    return built.sign(key, hashes.SHA256()), key


def _server(
    ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey, names: Sequence[str]
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    built = (
        _begun(_called(names[0]), ca.subject, key, _YEARS)
        .add_extension(x509.SubjectAlternativeName(map(_name, names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(authority, critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    return built.sign(ca_key, hashes.SHA256()), key


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, life: timedelta
) -> x509.CertificateBuilder:
    # Clocks differ a little.
    begin = datetime.now(UTC) - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)

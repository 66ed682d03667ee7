"""What the keeper signs is believed for what it says and for nothing else."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import signing as keys
from essaim.ids import new_id
from essaim.people import signing
from essaim.people.signing import Kind, Proof
from essaim.web.sign_in import local_path


def forged(key: str, **changes: object) -> str:
    ends = datetime.now(UTC) + timedelta(hours=1)
    proof = Proof(Kind.TICKET, "once", "ledger", new_id(), new_id(), ends, "state")
    expires = changes.pop("expires", ends)
    assert isinstance(expires, datetime)
    return signing.sign(key, replace(proof, **changes), expires)  # type: ignore[arg-type]


def test_a_proof_is_believed_for_its_service_its_kind_and_its_time_only() -> None:
    public_key = signing.public_key_of(keys.KEY)

    def read(text: str) -> Proof | None:
        return signing.read(public_key, text, Kind.TICKET, "ledger")

    assert read(forged(keys.KEY)) is not None
    assert read(forged(signing.new_key())) is None
    assert read(forged(keys.KEY, service="gazette")) is None
    assert read(forged(keys.KEY, kind=Kind.BEARER)) is None
    assert read(forged(keys.KEY, expires=datetime.now(UTC) - timedelta(minutes=1))) is None
    assert read(forged(keys.KEY)[:-4] + "AAAA") is None
    assert read("") is None


@pytest.mark.parametrize(
    "header", ['{"alg":"none","typ":"JWT"}', '{"alg":"HS256","typ":"JWT"}', "[]", "é"]
)
def test_a_proof_signed_in_another_way_is_none(header: str) -> None:
    public_key = signing.public_key_of(keys.KEY)
    _, claims, _ = forged(keys.KEY).split(".")
    signed = f"{urlsafe_b64encode(header.encode()).decode().rstrip('=')}.{claims}"
    digest = hmac.new(public_key.encode(), signed.encode(), sha256).digest()
    mac = urlsafe_b64encode(digest).decode().rstrip("=")

    for signature in ("", mac):
        assert signing.read(public_key, f"{signed}.{signature}", Kind.TICKET, "ledger") is None


@pytest.mark.parametrize(
    "address",
    ["https://ailleurs.example", "//ailleurs.example", "/\\ailleurs.example", "gazette", "/a\nb"],
)
def test_nobody_is_sent_to_another_site_after_signing_in(address: str) -> None:
    assert local_path(address, "/gazette/") == "/gazette/"

"""The mail server: one connection, one letter after the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import aiosmtplib

from notifications.message import Outcome

SERVER_PATIENCE = 30.0


class ServerTrouble(OSError):
    """The mail server fails us in a way that concerns every letter, not this one."""


@dataclass(frozen=True)
class Try:
    """How the server took one letter. `is_connected` says whether it can be given another."""

    outcome: Outcome
    answer: str | None = None
    is_connected: bool = True


@asynccontextmanager
async def connection(smtp_url: str) -> AsyncIterator[aiosmtplib.SMTP]:
    """A connection to the mail server, always encrypted when there is a password to protect."""
    url = urlsplit(smtp_url)
    is_encrypted = url.scheme == "smtps"
    client = aiosmtplib.SMTP(
        hostname=url.hostname,
        port=url.port,
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=is_encrypted,
        start_tls=True if url.username and not is_encrypted else None,
        timeout=SERVER_PATIENCE,
    )
    await client.connect()
    try:
        yield client
    finally:
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit()
        client.close()


async def hand_over(client: aiosmtplib.SMTP, sender: str, address: str, mime: bytes) -> Try:
    """Give the server one letter. Until its text has begun to leave, a failure is no doubt."""
    try:
        await client.mail(sender)
        await client.rcpt(address)
    except aiosmtplib.SMTPSenderRefused as error:
        return Try(Outcome.NOT_REACHED, f"{error.code} {error.message}", is_connected=False)
    except aiosmtplib.SMTPResponseException as error:
        return await _refused(client, error)
    except (aiosmtplib.SMTPException, OSError) as error:
        return Try(Outcome.NOT_REACHED, repr(error), is_connected=False)
    try:
        await client.data(mime)
    except aiosmtplib.SMTPResponseException as error:
        return await _refused(client, error)
    except (aiosmtplib.SMTPException, OSError) as error:
        return Try(Outcome.UNCERTAIN, repr(error), is_connected=False)
    return Try(Outcome.ACCEPTED)


async def _refused(client: aiosmtplib.SMTP, error: aiosmtplib.SMTPResponseException) -> Try:
    outcome = Outcome.POSTPONED if 400 <= error.code < 500 else Outcome.REFUSED
    answer = f"{error.code} {error.message}"
    try:
        await client.rset()
    except (aiosmtplib.SMTPException, OSError):
        # A server that says 421 closes the connection.
        return Try(outcome, answer, is_connected=False)
    return Try(outcome, answer)

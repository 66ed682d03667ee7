"""What this service reads of its environment, beside what every service reads."""

from functools import partial
from typing import cast
from urllib.parse import urlsplit

from essaim.running.runtime import Runtime
from essaim.settings import Settings
from pydantic import SecretStr, field_validator

from notifications.letters.letter import Sender


class NotificationsSettings(Settings):
    smtp_url: SecretStr = SecretStr("")
    """`smtp://[user:password@]host[:587]` or `smtps://…[:465]`. Empty: mail stays in the mailbox.

    Special characters of the password are percent-encoded, as in any address.
    """
    mail_from: str = "essaim@localhost"
    """The address messages come from, and the organiser of invitations."""
    mail_from_name: str = "Essaim"
    mail_reply_to: str = ""
    """Where answers to messages go; to `mail_from` when empty."""

    open_mailbox: bool = False
    """Whether the mailbox may be read from other machines: it shows everybody's sign-in links.

    For demonstrations with invented people behind a proxy that only this machine reaches.
    """

    @field_validator("smtp_url")
    @classmethod
    def _names_a_server(cls, url: SecretStr) -> SecretStr:
        parts = urlsplit(url.get_secret_value())
        if url.get_secret_value() and not (parts.scheme in ("smtp", "smtps") and parts.hostname):
            # The address itself is not shown: it may hold a password.
            raise ValueError(
                "ESSAIM_SMTP_URL names no mail server. Write smtp://host:587, "
                "smtps://user:password@host:465, or nothing to keep messages on this machine."
            )
        return url

    @property
    def keeps_mail_here(self) -> bool:
        """Whether messages stay on this machine, in the mailbox page, for lack of a mail server."""
        return not self.smtp_url.get_secret_value()


def page_of(runtime: Runtime, service: str, path: str) -> str:
    """The address of a page of a service, as the consortium says where its pages are."""
    partner, common = runtime.consortium.find(service), runtime.settings.public_url
    root = partner.root_at(common) if partner else f"{common.rstrip('/')}/{service}"
    return f"{root}/{path}"


def sender_of(runtime: Runtime) -> Sender:
    """Who letters come from, and where they lead to."""
    settings = settings_of(runtime)
    return Sender(
        address=settings.mail_from,
        name=settings.mail_from_name,
        reply_to=settings.mail_reply_to,
        pages=settings.public_url,
        page_of=partial(page_of, runtime),
    )


def settings_of(runtime: Runtime) -> NotificationsSettings:
    return cast(NotificationsSettings, runtime.settings)

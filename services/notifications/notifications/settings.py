"""What this service reads of its environment, beside what every service reads."""

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

    @property
    def sender(self) -> Sender:
        return Sender(
            address=self.mail_from,
            name=self.mail_from_name,
            reply_to=self.mail_reply_to,
            pages=self.public_url,
        )


def settings_of(runtime: Runtime) -> NotificationsSettings:
    return cast(NotificationsSettings, runtime.settings)

"""What this service reads of its environment, beside what every service reads."""

import re
from email.headerregistry import Address
from functools import partial
from typing import Self, cast
from uuid import UUID

from essaim.running.runtime import Runtime
from essaim.settings import Settings, check_url
from essaim.text.mail_address import wire_address
from itsdangerous import BadData, URLSafeSerializer
from pydantic import Field, SecretStr, field_validator, model_validator

from notifications.letters.letter import Sender
from notifications.preference import unsubscribe_link_wrong
from notifications.webhook_secret import Box
from notifications.webhook_target import Network, read_networks

_ADDRESS = "contact@example.org, or Name <contact@example.org>"
_NAMED = re.compile(r'"?(?P<name>[^"<>]*?)"?\s*<(?P<address>[^<>]+)>')
# essaim@localhost, or a host that only this network knows.
_ON_THIS_NETWORK = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+")


class NotificationsSettings(Settings):
    smtp_url: SecretStr = SecretStr("")
    """`smtp://[user:password@]host[:587]` or `smtps://…[:465]`. Empty: mail stays in the mailbox.

    Special characters of the password are percent-encoded, as in any address.
    """
    mail_from: str = Field("essaim@localhost", description=_ADDRESS)
    """The address messages come from, and the organiser of invitations.

    « Name <address> » also gives the name, where `mail_from_name` gives none.
    """
    mail_from_name: str = Field("", description="a name, on one line")
    """Who all messages come from; empty, each comes from the programme it is about."""
    mail_reply_to: str = Field("", description=_ADDRESS)
    """Where answers to messages go; to `mail_from` when empty."""

    open_mailbox: bool = Field(False, description="true or false")
    """Whether the mailbox may be read from other machines: it shows everybody's sign-in links.

    For demonstrations with invented people behind a proxy that only this machine reaches.
    """

    bounces: str = Field("", description="a folder, such as /var/mail/essaim")
    """A Maildir into which reports of letters that came back are delivered; empty: none is read.

    They come to `mail_from`. `essaim mail bounce` notes one from standard input instead.
    """

    webhook_networks: str = Field("", description="networks, such as 10.0.3.0/24, 127.0.0.0/8")
    """Private networks to which webhooks may lead, separated by commas; there without https too.

    Empty, they lead to the public internet alone, by https. For development, or for a receiver
    beside this server.
    """

    former_secret: SecretStr = SecretStr("")
    """What ESSAIM_SECRET was before: secrets of webhooks are closed with it in the database.

    Once started, all are closed with the present one, and this may be empty again.
    """

    @field_validator("webhook_networks")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        read_networks(text)
        return text

    @property
    def allowed_networks(self) -> tuple[Network, ...]:
        return read_networks(self.webhook_networks)

    @field_validator("smtp_url")
    @classmethod
    def _names_a_server(cls, url: SecretStr) -> SecretStr:
        try:
            if url.get_secret_value():
                check_url(url.get_secret_value(), ("smtp", "smtps"))
        except ValueError as error:
            # The address itself is not shown: it may hold a password.
            raise ValueError(
                f"ESSAIM_SMTP_URL names no mail server: {error}. Write smtp://host:587, "
                "smtps://user:password@host:465 (special signs of the password as in any address, "
                "@ is %40), or nothing to keep messages on this machine."
            ) from None
        return url

    @field_validator("mail_from", "mail_reply_to")
    @classmethod
    def _is_one_address(cls, text: str) -> str:
        if text:
            _taken_apart(text)
        return text

    @field_validator("mail_from_name")
    @classmethod
    def _is_one_line(cls, name: str) -> str:
        if not name.isprintable():
            raise ValueError("it holds a line end or another sign that no name has")
        return name

    @model_validator(mode="after")
    def _take_sender_apart(self) -> Self:
        name, self.mail_from = _taken_apart(self.mail_from)
        if name and not self.mail_from_name:
            self.mail_from_name = name
        if self.mail_reply_to:
            name, address = _taken_apart(self.mail_reply_to)
            self.mail_reply_to = str(Address(name, addr_spec=address)) if name else address
        return self

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
        unsubscribe=partial(unsubscribe_token, runtime),
    )


def unsubscribe_token(runtime: Runtime, person_id: UUID, category: str) -> str:
    """What only a letter of ours holds: who reads it, and which letters she may leave."""
    return str(_unsubscribing(runtime).dumps([str(person_id), category]))


def read_unsubscribe_token(runtime: Runtime, token: str) -> tuple[UUID, str]:
    """
    Raises:
        Refusal: (404) it is none of ours.
    """
    try:
        person_id, category = _unsubscribing(runtime).loads(token)
    except BadData:
        raise unsubscribe_link_wrong() from None
    return UUID(person_id), str(category)


def _unsubscribing(runtime: Runtime) -> URLSafeSerializer:
    secret = settings_of(runtime).secret.get_secret_value()
    return URLSafeSerializer(secret, salt="notifications.unsubscribe")


def _taken_apart(text: str) -> tuple[str, str]:
    """The name and the address of « Name <address> », or of an address alone; as servers take it.

    Raises:
        ValueError: it is neither.
    """
    found = _NAMED.fullmatch(text)
    name, address = (found["name"], found["address"]) if found else ("", text)
    if not name.isprintable():
        raise ValueError("its name is no name")
    if _ON_THIS_NETWORK.fullmatch(address):
        return name, address
    try:
        return name, wire_address(address)
    except ValueError:
        raise ValueError("it is no mail address") from None


def box_of(runtime: Runtime) -> Box:
    """What closes the secrets of webhooks in our database."""
    settings = settings_of(runtime)
    secrets = (settings.secret.get_secret_value(), settings.former_secret.get_secret_value())
    return Box(filter(None, secrets))


def settings_of(runtime: Runtime) -> NotificationsSettings:
    return cast(NotificationsSettings, runtime.settings)

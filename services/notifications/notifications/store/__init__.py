"""What this service keeps: a file per concept, its tables and every statement on them."""

from notifications.store import (
    application,
    cohort,
    delivery,
    fact,
    held,
    mail_server,
    mailbox,
    message,
    organisation,
    programme,
    retention,
    said,
    session,
    webhook,
    webhook_delivery,
    wording,
)
from notifications.store.not_heard_of import NotHeardOf
from notifications.store.tables import metadata

__all__ = [
    "NotHeardOf",
    "application",
    "cohort",
    "delivery",
    "fact",
    "held",
    "mail_server",
    "mailbox",
    "message",
    "metadata",
    "organisation",
    "programme",
    "retention",
    "said",
    "session",
    "webhook",
    "webhook_delivery",
    "wording",
]

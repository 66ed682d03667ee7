"""The pages, a module for each concept."""

from notifications.pages import message, outbox, preference, webhook, wording, writing

ROUTERS = (
    message.router,
    outbox.router,
    wording.router,
    writing.router,
    preference.router,
    webhook.router,
)

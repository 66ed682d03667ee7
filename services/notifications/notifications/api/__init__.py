"""The JSON API, a module for each concept."""

from notifications.api import message, outbox, webhook, wording

ROUTERS = (message.router, outbox.router, wording.router, webhook.router)

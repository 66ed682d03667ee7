"""The JSON API, a module for each concept."""

from notifications.api import message, outbox, webhook

ROUTERS = (message.router, outbox.router, webhook.router)

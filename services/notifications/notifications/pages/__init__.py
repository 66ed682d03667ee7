"""The pages, a module for each concept."""

from notifications.pages import message, outbox, webhook

ROUTERS = (message.router, outbox.router, webhook.router)

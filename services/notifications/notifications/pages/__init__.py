"""The pages, a module for each concept."""

from notifications.pages import message, outbox, webhook, wording

ROUTERS = (message.router, outbox.router, wording.router, webhook.router)

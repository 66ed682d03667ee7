"""The pages, a module for each concept."""

from notifications.pages import message, webhook

ROUTERS = (message.router, webhook.router)

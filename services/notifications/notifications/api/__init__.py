"""The JSON API, a module for each concept."""

from notifications.api import message, webhook

ROUTERS = (message.router, webhook.router)

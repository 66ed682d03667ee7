"""What this service reads of its environment: what every service reads, and nothing more."""

from essaim.settings import Settings


class SchedulingSettings(Settings):
    """See `essaim.settings`."""

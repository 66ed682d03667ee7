"""What a partner's service stands on, and here what its author imports first."""

from essaim.consortium.partners import Stage
from essaim.hearing.projection import Projection
from essaim.hearing.router import FactRouter
from essaim.person import Person, Role, RoleHeld
from essaim.refusal import Refusal
from essaim.service import NavigationEntry, Service, Timer
from essaim.work import Work

__all__ = [
    "FactRouter",
    "NavigationEntry",
    "Person",
    "Projection",
    "Refusal",
    "Role",
    "RoleHeld",
    "Service",
    "Stage",
    "Timer",
    "Work",
]

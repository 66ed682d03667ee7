"""The versions of this service's tables."""

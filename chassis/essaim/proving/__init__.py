"""Proves that an implementation of a partner's service keeps the contracts, in any language."""

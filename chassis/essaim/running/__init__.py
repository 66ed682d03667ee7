"""A service while it runs."""

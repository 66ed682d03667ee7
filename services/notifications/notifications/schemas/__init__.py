"""The bodies of the JSON API, a module for each concept."""

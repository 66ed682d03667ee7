"""The bodies of the JSON API, by concept: what a request may say, and what it is answered."""

"""A tiny service for the tests of the web chassis: a programme's notices, pinned on a board."""

"""Plays an edition of a programme through the services' JSON APIs, with a simulated clock."""

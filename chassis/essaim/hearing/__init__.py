"""The stream's facts on their way to a transaction."""

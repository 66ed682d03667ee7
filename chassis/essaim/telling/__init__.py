"""A transaction's facts on their way to the stream."""

"""What an operator does to streams and read models."""

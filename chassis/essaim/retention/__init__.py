"""How long personal data is kept: rules that services declare, what is due, and forgetting it."""

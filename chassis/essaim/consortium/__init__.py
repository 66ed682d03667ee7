"""Who takes part, as data: the partners, and the file that says who they are."""

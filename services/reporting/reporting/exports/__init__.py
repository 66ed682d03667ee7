"""The figures and lists of an edition as files and documents, with the day they are of."""

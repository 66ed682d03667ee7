"""The pages: editions and their figures, the facts behind a figure, a project across partners."""

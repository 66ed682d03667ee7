"""The read model: one table per kind of fact, one row per fact, and the log of all of them.

Rows are only ever added: what a later fact changes is a row of its own. Figures as of a past day
are therefore the same queries over fewer rows. Each file is named after the subject of the facts
it holds: `essaim.scheduling.hours.granted.v1` is in `hours`.
"""

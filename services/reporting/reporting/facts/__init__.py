"""What each kind of fact becomes here: the sentence that tells it, and the rows it counts in.

Each file is named after the subject of its facts: `essaim.scheduling.hours.granted.v1` is in
`hours`. `catalogue` lists them all.
"""

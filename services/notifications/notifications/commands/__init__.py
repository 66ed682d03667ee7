"""What a fact, a person, a timer or a letter's end brings about: load, decide, save, tell."""

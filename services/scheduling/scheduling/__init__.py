"""The scheduling service: tracks, sessions, pairings, hour packages, attendance, progress."""

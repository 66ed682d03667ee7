"""What people read: languages, words, typography, dates, calendars, files they wrote."""

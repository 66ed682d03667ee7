"""Writing letters: their words in two languages, HTML, invitations, and MIME for mail servers."""

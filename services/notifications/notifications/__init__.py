"""What the programme says to people: texts, queue, mail, calendar invitations."""

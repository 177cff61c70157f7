"""What talks to services outside: weather, calendar, mail, WhatsApp; one folder each."""

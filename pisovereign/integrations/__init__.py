"""What other servers know and do: one folder for each."""

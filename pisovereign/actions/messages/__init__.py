"""Results of commands in words, English and German."""

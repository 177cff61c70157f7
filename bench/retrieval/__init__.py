"""A labeled set for the search of memories: 3,044 memories and 520 questions."""

"""A connector that nothing in the program knows: a pager with a server of its own."""

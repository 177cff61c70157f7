"""The HTTP edge: everything between the socket and a resource."""

"""Contacts over CardDAV; others import `types`.

`source` keeps the address books of one account in memory, `books` reads what has changed of them
over the connections of the calendar, and `vcards` runs in a process that can only compute: whoever
shares an address book writes what stands in it.
"""

"""Calendars, tasks and address books over CalDAV and CardDAV; others import the `..._types`.

`source` reads and writes the calendars of one account, and `changes` makes approved changes;
`objects` says it in CalDAV over the connections of `client`, which run in threads through
`session`: nothing gets out but what the gate allows. What servers answer is hostile until proven
otherwise, so iCalendar text is read in a process of its own: `reader_process` starts it, `reader`
runs in it, with `repair`, `occurrences`, `editing` and `task_text`. `tasks` is to tasks what
`source` is to events. `contacts` keeps the address books in memory, `address_books` reads what has
changed of them, and `vcards` runs in a process that can only compute.
"""

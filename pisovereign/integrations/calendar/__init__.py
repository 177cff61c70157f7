"""Calendars over CalDAV; others import `types`.

`source` reads and writes the calendars of one account, and `changes` makes approved changes;
`objects` says it in CalDAV over the connections of `client`, which run in threads through
`session`: nothing gets out but what the gate allows. What servers answer is hostile until proven
otherwise, so iCalendar text is read in a process of its own: `reader_process` starts it, `reader`
runs in it, with `repair`, `occurrences` and `editing`.
"""

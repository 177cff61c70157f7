"""Calendars over CalDAV.

`source.py` is what commands read from. `client.py` speaks CalDAV in threads, through `session.py`,
which lets nothing out but what the gate allows. What servers answer is hostile until proven
otherwise: iCalendar text is read in a process of its own (`reader.py`), which is ended when it
takes too long.
"""

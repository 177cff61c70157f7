"""The calendar and the tasks of people who have connected no server: iCalendar objects, sealed."""

__all__ = ["calendar", "names", "objects", "routes", "store", "tasks"]

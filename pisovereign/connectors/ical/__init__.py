"""iCalendar text that others wrote, for every connector that gets some: repaired, and computed.

It belongs to no connector, since none imports another. What reads hostile text calls it in a
process of its own.
"""

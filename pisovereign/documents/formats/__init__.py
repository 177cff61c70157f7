"""Reading files of each format, in a process that can only compute.

`convert` is what that process calls; `parsed` is what it gives. Everything else here runs nowhere
else: hostile bytes reach no other process.
"""

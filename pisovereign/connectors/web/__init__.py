"""The web: searched with a SearXNG, and read page by page; others import `types`.

`pages` fetches with a gate of its own, which knows no host of the local network but those that are
named for it, and judges each redirect anew. `page_text` makes text of HTML, in a process that can
only compute.
"""

"""OpenAI's API beside our own, for clients that exist: a base URL and a key are enough.

`service` carries out requests, which `requests` turns into the engine's, and `replies` writes
OpenAI's form.
"""

"""Ollama's API beside our own, for programs that know no other, such as Home Assistant.

`service` carries out requests, which `requests` turns into the engine's, `replies` writes answers
in Ollama's form, `installed` tells of models and `pulling` fetches them. `key_in_path` and `errors`
are for all of its paths.
"""

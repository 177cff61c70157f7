"""How orders made of the public templates of `home-assistant-intents` are read."""

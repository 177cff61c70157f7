"""The weather, from Open-Meteo or a server of one's own that speaks its API."""

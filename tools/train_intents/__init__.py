"""Training of the intent model: docs/parsing.md, "Training"."""

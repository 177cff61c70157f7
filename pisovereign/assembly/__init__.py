"""The parts that `app.create_app` puts together, each wired in a function of its own."""

__all__ = ["routes"]

"""Work beside the requests: a durable queue, the loop that works at it, and periodic tasks."""

__all__ = ["claim", "following", "one_process", "periodic", "queue", "types", "worker"]

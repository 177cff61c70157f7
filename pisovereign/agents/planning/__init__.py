"""From a request to sub-tasks: by rules first, and by the model where rules do not reach."""

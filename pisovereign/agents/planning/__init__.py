"""Planning: from a request to sub-tasks, by rules first and by the model where no rule applies."""

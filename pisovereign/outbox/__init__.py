"""What is to be sent to other servers, exactly once or reported."""

"""What makes, boots and checks the image that people flash: `python -m image --help`."""

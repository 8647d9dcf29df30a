"""What the console says of canaries."""

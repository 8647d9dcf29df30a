"""Which passwords officers may choose."""

"""Files of people that leave the console: asked for with a purpose, counted by hand, watermarked, taken once."""

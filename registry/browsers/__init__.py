"""Browsers and networks from which officers have signed in before."""

"""Console pages about the officer and their organisation: sign-in, password, start page."""

"""Posters: how to join, on paper, in the language of whoever passes."""

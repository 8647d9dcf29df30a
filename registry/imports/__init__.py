"""Imports: a file of people is read, checked row by row, shown, and saved once an officer confirms."""

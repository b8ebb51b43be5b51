"""The commands that print and exit."""

"""The explorer: Textual widgets over frozen views."""

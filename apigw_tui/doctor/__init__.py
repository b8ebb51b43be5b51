"""What stages, log groups and files do not tell, and how to change that."""

"""A terminal explorer for AWS API Gateway logs."""

__version__ = "0.1.0"

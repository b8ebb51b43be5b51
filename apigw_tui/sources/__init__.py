"""Everything that blocks: CloudWatch, API Gateway, files. Yields batches of events."""

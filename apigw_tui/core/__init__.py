"""What apigw-tui knows about logs: pure functions and frames, no I/O, no clock."""

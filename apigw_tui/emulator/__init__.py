"""CloudWatch Logs and API Gateway on loopback, with the traffic of an invented shop."""

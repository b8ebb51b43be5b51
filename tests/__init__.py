"""Tests of apigw-tui; the folders mirror the package."""

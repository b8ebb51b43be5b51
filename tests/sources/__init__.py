"""Tests of apigw_tui.sources."""

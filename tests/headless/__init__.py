"""Tests of apigw_tui.headless."""

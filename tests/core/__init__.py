"""Tests of apigw_tui.core."""

"""Tests of apigw_tui.tui."""

"""Tests of apigw_tui.doctor."""

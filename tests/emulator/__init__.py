"""Tests of apigw_tui.emulator."""

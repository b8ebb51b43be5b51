"""What request IDs look like."""

from __future__ import annotations

from typing import Final

REPLACED_ID: Final = "UUID_REPLACED_INVALID_REQUEST_ID"
"""What API Gateway logs for a request whose client sent an ID that is no UUID: many requests share it."""

REQUEST_ID: Final = (
    r"^(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    rf"|[A-Za-z0-9_+/-]{{10,22}}={{1,2}}|{REPLACED_ID})$"
)
"""A UUID (REST), base64-like text (HTTP, WebSocket, extended IDs), or what replaces a client's bad UUID."""

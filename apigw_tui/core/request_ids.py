"""What request IDs look like."""

from __future__ import annotations

from typing import Final

REQUEST_ID: Final = (
    r"^(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    r"|[A-Za-z0-9_+/-]{10,22}={1,2}|UUID_REPLACED_INVALID_REQUEST_ID)$"
)
"""A UUID (REST), base64-like text (HTTP, WebSocket, extended IDs), or what replaces a client's bad UUID."""

"""Follow-up: planned touches that carry a person to the first session and ask afterwards, their replies, and the gate that stops all of it."""

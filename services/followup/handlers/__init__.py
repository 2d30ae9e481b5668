"""What follow-up makes of facts, replies and silence."""

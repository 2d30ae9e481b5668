"""What follow-up makes of facts: touches planned, moved and cancelled."""

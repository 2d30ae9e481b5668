"""Intake: referrals in. It knows who is who, scores and screens what was sent, makes a person's keys, and is the only one to erase a person."""

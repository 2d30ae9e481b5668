"""The matcher: for each referral the groups where this person is most likely to come a second time, or a plain "a human must look"."""

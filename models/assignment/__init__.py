"""Who gets which of the places free, so that the most second attendances are expected of all together; with a proof of how good that is."""

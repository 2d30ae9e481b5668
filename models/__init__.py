"""What is learned and what is known: eligibility, ranking, reasons, text, places on the map, and the sample town. Pure functions over plain data."""

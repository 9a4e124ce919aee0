"""A trip, remembered on the way out, recalled on the way back, and what comes of it."""

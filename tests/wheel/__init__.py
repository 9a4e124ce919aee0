"""The wheel, installed where nothing of this checkout is."""

"""How a person is sent to a provider and what comes back is read: no I/O in here."""

"""An application as those of 1.6 were written: who cannot log in with a provider registers.

A provider account that nobody here is connected to is kept in the session, its owner is led to the
registration form, and the account is connected to the user whom the form makes. The calls are those
of 1.6. A comment that begins with "Flask:" marks each line that had to change, and says why: Flask,
its extensions or Python did. ``application`` makes it, ``models`` and ``views`` are its parts.
"""

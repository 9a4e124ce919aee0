"""Moving in: connections out of the tables of the libraries that an application used before.

``sources`` knows the old tables, and ``tables`` reads one. ``judge`` says what a row is worth by
itself, ``survey`` what only the whole table tells, and ``settle`` what becomes of it in the store,
batch by batch. ``report`` puts it into words; ``command`` is ``flask social import``.
"""

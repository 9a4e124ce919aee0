"""Mixins for the application's own models, one module per ORM and version.

A version is frozen once released: a later schema is a new module, so that an upgrade of the
library never changes a table behind the application's back.
"""

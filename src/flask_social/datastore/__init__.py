"""Where connections are kept: one module per ORM, one contract."""

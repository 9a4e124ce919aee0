"""Columns of a connection, a spent flow, a registration, for SQLAlchemy 2 in all its Flask guises.

::

    class Connection(db.Model, ConnectionMixin): ...       # Flask-SQLAlchemy: table "connection"

    class Connection(Base, ConnectionMixin):               # Flask-SQLAlchemy-Lite, or plain
        __tablename__ = "connection"

    class SpentFlow(db.Model, FlowMixin): ...

    class Registered(db.Model, RegistrationMixin): ...     # for instances that visitors name

Times are seconds since the epoch (UTC), as integers. All text that a provider chose is unbounded,
but for what identifies an account.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Dialect, ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.dialects.mysql import LONGTEXT, VARBINARY
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship, validates
from sqlalchemy.types import TypeDecorator, TypeEngine

from .. import clock
from ..values import Secret

MYSQL = ("mysql", "mariadb")
BYTES_PER_CHARACTER = 4


class SecretText(TypeDecorator[str]):
    """Text of any length that comes back as a :class:`~flask_social.values.Secret`.

    Bound values are masked as well, so that neither SQL echo nor an error's text shows them.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """LONGTEXT where TEXT ends at 64 KiB."""
        if dialect.name in MYSQL:
            return dialect.type_descriptor(LONGTEXT())
        return super().load_dialect_impl(dialect)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Secret | None:
        return None if value is None else Secret(value)

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> Secret | None:
        if isinstance(value, bytes | bytearray):  # SQLite keeps whatever it was given
            value = bytes(value).decode(errors="replace")
        return None if value is None else Secret(value)


class ExactText(TypeDecorator[str]):
    """A short text that the database compares byte by byte.

    MySQL's and MariaDB's collations fold case or ignore trailing spaces, and the exact ones have
    a different name in each. Bytes are the same in both, so UTF-8 is stored there.
    """

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name in MYSQL:
            length: int = getattr(self.impl_instance, "length", None) or 255
            return dialect.type_descriptor(VARBINARY(length * BYTES_PER_CHARACTER))
        return super().load_dialect_impl(dialect)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | bytes | None:
        if value is None or dialect.name not in MYSQL:
            return value
        return value.encode()

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:
        return bytes(value).decode() if isinstance(value, bytes | bytearray) else value


class ConnectionMixin:
    """What ties a user to an account at a provider.

    A removed user's connections go too, by the foreign key. SQLite honours that only after
    ``PRAGMA foreign_keys = ON``; without it a relationship of the user model does the same, named
    here by ``social_user_attribute = "connections"``::

        connections = relationship(
            "Connection", back_populates="user", cascade="all, delete-orphan"
        )

    A subclass with a ``__table_args__`` of its own repeats the unique constraint in it.
    """

    social_user_class: ClassVar[str] = "User"
    """The user model's name."""
    social_user_table: ClassVar[str] = "user"
    """Its table, with the schema if it has one."""
    social_user_key: ClassVar[str] = "id"
    """Its primary key."""
    social_user_attribute: ClassVar[str | None] = None
    """Its relationship that lists the connections, if there is one."""

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(64))
    issuer: Mapped[str | None] = mapped_column(String(255))
    provider_user_id: Mapped[str] = mapped_column(ExactText(255))

    access_token: Mapped[str | None] = mapped_column(SecretText)
    secret: Mapped[str | None] = mapped_column(SecretText)
    refresh_token: Mapped[str | None] = mapped_column(SecretText)
    id_token: Mapped[str | None] = mapped_column(SecretText)
    token_type: Mapped[str | None] = mapped_column(String(64))
    scopes: Mapped[str | None] = mapped_column(Text)
    """Separated by spaces (RFC 6749 section 3.3); NULL when the provider did not say."""
    expires_at: Mapped[int | None] = mapped_column(BigInteger)

    display_name: Mapped[str | None] = mapped_column(Text)
    full_name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(String(255))
    email_verified: Mapped[bool] = mapped_column(default=False, server_default=false())
    profile_url: Mapped[str | None] = mapped_column(Text)
    image_url: Mapped[str | None] = mapped_column(Text)
    rank: Mapped[int | None]
    """Lowest first among a user's connections."""

    needs_reauth: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The provider takes the tokens no more; the person has to consent again."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Grows with every update of the store, for compare-and-swap."""
    lease_until: Mapped[int | None] = mapped_column(BigInteger)
    """Until when one process has the renewal of the tokens to itself."""
    created_at: Mapped[int | None] = mapped_column(BigInteger, default=clock.now)
    updated_at: Mapped[int | None] = mapped_column(
        BigInteger, default=clock.now, onupdate=clock.now
    )

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (UniqueConstraint("provider_id", "provider_user_id"),)

    @declared_attr
    def user_id(cls) -> Mapped[Any]:
        """The user's primary key, of the type it has there."""
        target = f"{cls.social_user_table}.{cls.social_user_key}"
        return mapped_column(ForeignKey(target, ondelete="CASCADE"), index=True, nullable=False)

    @declared_attr
    def user(cls) -> Mapped[Any]:
        """The user."""
        return relationship(cls.social_user_class, back_populates=cls.social_user_attribute)

    @validates("access_token", "secret", "refresh_token", "id_token")
    def _hide(self, name: str, value: Any) -> Any:
        is_plain = isinstance(value, str) and not isinstance(value, Secret)
        return Secret(value) if is_plain else value

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.provider_id}:{self.provider_user_id}>"


class FlowMixin:
    """A flow that was spent, so that it is not spent again. Rows go once *expires_at* is past."""

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the flow's look-up key, hexadecimal."""
    expires_at: Mapped[int] = mapped_column(BigInteger, index=True)


class RegistrationMixin:
    """What the application got where it registered at run time: one row for each instance."""

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of provider and host, hexadecimal."""
    provider_id: Mapped[str] = mapped_column(String(64))
    host: Mapped[str] = mapped_column(String(255))
    client_id: Mapped[str] = mapped_column(Text)
    client_secret: Mapped[str | None] = mapped_column(SecretText)
    redirect_uris: Mapped[str] = mapped_column(Text)
    """Separated by spaces, as the scopes."""
    scopes: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(BigInteger, index=True)
    expires_at: Mapped[int | None] = mapped_column(BigInteger)
    """When the secret ends; NULL where it lasts."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Grows whenever the row is replaced, for compare-and-swap."""

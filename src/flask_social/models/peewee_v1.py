"""Columns of a connection, of a spent flow and of a registration, for Peewee.

::

    class Connection(db.Model, ConnectionMixin):
        user = ForeignKeyField(User, backref="connections", on_delete="CASCADE")

    class SpentFlow(db.Model, FlowMixin):
        pass

    class Registered(db.Model, RegistrationMixin):  # for instances that visitors name
        pass

``db.Model`` is that of ``playhouse.flask_utils.FlaskDB``, or any model of yours that knows the
database; it comes first. Times are seconds since the epoch (UTC), as integers. All text that a
provider chose is unbounded, but for what identifies an account.
"""

from __future__ import annotations

from typing import Any

from peewee import (
    SQL,
    BigIntegerField,
    BooleanField,
    CharField,
    FieldAccessor,
    IntegerField,
    Model,
    MySQLDatabase,
    Proxy,
    TextField,
)

from .. import clock
from ..values import Secret

BYTES_PER_CHARACTER = 4
ACCOUNT = ("provider_id", "provider_user_id")


class _SecretAccessor(FieldAccessor):
    """What the application sets is hidden as well."""

    def __set__(self, instance: Any, value: Any) -> None:
        super().__set__(instance, Secret(value) if type(value) is str else value)


class SecretField(TextField):
    """Text of any length that is a :class:`~flask_social.values.Secret` in memory.

    So is what a statement is given, and Peewee's log of statements does not show it.
    """

    accessor_class = _SecretAccessor

    def ddl_datatype(self, ctx: Any) -> Any:
        """LONGTEXT where TEXT ends at 64 KiB."""
        return SQL("LONGTEXT") if _is_mysql(self) else super().ddl_datatype(ctx)

    def adapt(self, value: Any) -> Secret:
        return value if isinstance(value, Secret) else Secret(super().adapt(value))


class ExactField(CharField):
    """A short text that the database compares byte by byte.

    MySQL's and MariaDB's collations fold case or ignore trailing spaces, and the exact ones have
    a different name in each. Bytes are the same in both, so UTF-8 is stored there.
    """

    def ddl_datatype(self, ctx: Any) -> Any:
        if _is_mysql(self):
            return SQL(f"VARBINARY({self.max_length * BYTES_PER_CHARACTER})")
        return super().ddl_datatype(ctx)

    def db_value(self, value: Any) -> Any:
        text: Any = super().db_value(value)  # type: ignore[no-untyped-call]
        return text.encode() if text is not None and _is_mysql(self) else text


class ConnectionMixin(Model):
    """What ties a user to an account at a provider.

    The subclass declares the user, a foreign key that is called ``user``. With ``CASCADE`` a
    removed user's connections go too; SQLite honours that only with the pragma ``foreign_keys``.

    ``save()`` writes what was changed and nothing else: tokens that were refreshed meanwhile, by
    another process, stay.
    """

    provider_id = CharField(64)
    issuer = CharField(255, null=True)
    provider_user_id = ExactField(255)

    access_token = SecretField(null=True)
    secret = SecretField(null=True)
    refresh_token = SecretField(null=True)
    id_token = SecretField(null=True)
    token_type = CharField(64, null=True)
    scopes = TextField(null=True)
    """Separated by spaces (RFC 6749 section 3.3); NULL when the provider did not say."""
    expires_at = BigIntegerField(null=True)

    display_name = TextField(null=True)
    full_name = TextField(null=True)
    email = CharField(255, null=True)
    email_verified = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])
    profile_url = TextField(null=True)
    image_url = TextField(null=True)
    rank = IntegerField(null=True)
    """Lowest first among a user's connections."""

    needs_reauth = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")])
    """The provider takes the tokens no more; the person has to consent again."""
    version = IntegerField(default=1, constraints=[SQL("DEFAULT 1")])
    """Grows with every update of the store, for compare-and-swap."""
    lease_until = BigIntegerField(null=True)
    """Until when one process has the renewal of the tokens to itself."""
    created_at = BigIntegerField(null=True, default=clock.now)
    updated_at = BigIntegerField(null=True, default=clock.now)

    @classmethod
    def validate_model(cls) -> None:
        """Peewee's hook for a model that is complete. Of several parents it asks but the first.

        So what is to hold for every subclass is settled here.
        """
        super().validate_model()
        cls._meta.only_save_dirty = True
        named = [tuple(each[0]) for each in cls._meta.indexes if isinstance(each, list | tuple)]
        if ACCOUNT not in named:
            cls._meta.indexes.append((ACCOUNT, True))

    def save(self, force_insert: bool = False, only: Any = None) -> Any:
        """Write what was changed, dated."""
        if not force_insert and only is None and self.is_dirty():
            self.updated_at = clock.now()
        return super().save(force_insert=force_insert, only=only)

    def __str__(self) -> str:
        return f"{self.provider_id}:{self.provider_user_id}"


class FlowMixin(Model):
    """A flow that was spent, so that it is not spent again. Rows go once *expires_at* is past."""

    key_hash = CharField(64, primary_key=True)
    """SHA-256 of the flow's look-up key, hexadecimal."""
    expires_at = BigIntegerField(index=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Give the primary key on, which Peewee takes from the first parent."""
        super().__init_subclass__(**kwargs)
        if "key_hash" not in vars(cls):
            cls.key_hash = CharField(64, primary_key=True)


class RegistrationMixin(Model):
    """What the application got where it registered at run time: one row for each instance."""

    key_hash = CharField(64, primary_key=True)
    """SHA-256 of provider and host, hexadecimal."""
    provider_id = CharField(64)
    host = CharField(255)
    client_id = TextField()
    client_secret = SecretField(null=True)
    redirect_uris = TextField()
    """Separated by spaces, as the scopes."""
    scopes = TextField()
    created_at = BigIntegerField(index=True)
    expires_at = BigIntegerField(null=True)
    """When the secret ends; NULL where it lasts."""
    version = IntegerField(default=1, constraints=[SQL("DEFAULT 1")])
    """Grows whenever the row is replaced, for compare-and-swap."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Give the primary key on, as :class:`FlowMixin` does."""
        super().__init_subclass__(**kwargs)
        if "key_hash" not in vars(cls):
            cls.key_hash = CharField(64, primary_key=True)


def _is_mysql(field: Any) -> bool:
    database = field.model._meta.database
    if isinstance(database, Proxy):
        database = database.obj
    return isinstance(database, MySQLDatabase)

"""Fields of a connection, of a spent flow and of a registration, for MongoEngine.

::

    class Connection(ConnectionMixin, Document):           # collection "connection"
        user = ReferenceField(User, required=True, reverse_delete_rule=CASCADE)

    class SpentFlow(FlowMixin, Document): ...

    class Registered(RegistrationMixin, Document): ...     # for instances that visitors name

Times are seconds since the epoch (UTC), as integers. What a provider chose is of any length.
"""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import BooleanField, Document, IntField, LongField, StringField

from .. import clock
from ..values import Secret


class SecretField(StringField):  # type: ignore[misc]
    """Text of any length that is a :class:`~flask_social.values.Secret` in memory."""

    def __set__(self, instance: Any, value: Any) -> None:
        if isinstance(value, str) and not isinstance(value, Secret):
            value = Secret(value)
        super().__set__(instance, value)


class ConnectionMixin(Document):  # type: ignore[misc]
    """What ties a user to an account at a provider.

    A subclass declares ``user``, a reference to the application's own class of users. By
    ``reverse_delete_rule=CASCADE`` a removed user's connections go too.
    """

    meta: ClassVar[dict[str, Any]] = {
        "abstract": True,
        "indexes": [
            # Not by class as well, in a collection that holds several.
            {"fields": ("provider_id", "provider_user_id"), "unique": True, "cls": False},
            {"fields": ("user",), "cls": False},
        ],
    }

    provider_id = StringField(required=True, max_length=64)
    issuer = StringField(max_length=255)
    provider_user_id = StringField(required=True, max_length=255)

    access_token = SecretField()
    secret = SecretField()
    refresh_token = SecretField()
    id_token = SecretField()
    token_type = StringField(max_length=64)
    scopes = StringField()
    """Separated by spaces (RFC 6749 section 3.3); missing when the provider did not say."""
    expires_at = LongField()

    display_name = StringField()
    full_name = StringField()
    email = StringField(max_length=255)
    email_verified = BooleanField(default=False)
    profile_url = StringField()
    image_url = StringField()
    rank = IntField()
    """Lowest first among a user's connections."""

    needs_reauth = BooleanField(default=False)
    """The provider takes the tokens no more; the person has to consent again."""
    version = IntField(default=1)
    """Grows with every update of the store, for compare-and-swap."""
    lease_until = LongField()
    """Until when one process has the renewal of the tokens to itself."""
    created_at = LongField(default=clock.now)
    updated_at = LongField(default=clock.now)

    @property
    def user_id(self) -> Any:
        """The user's primary key, which is no reason to load the user."""
        return getattr(self._data.get("user"), "id", None)

    def __str__(self) -> str:
        return f"{self.provider_id}:{self.provider_user_id}"


class FlowMixin(Document):  # type: ignore[misc]
    """A flow that was spent, so that it is not spent again. It goes once *expires_at* is past."""

    meta: ClassVar[dict[str, Any]] = {
        "abstract": True,
        "indexes": [{"fields": ("expires_at",), "cls": False}],
    }

    key_hash = StringField(primary_key=True)
    """SHA-256 of the flow's look-up key, hexadecimal."""
    expires_at = LongField(required=True)


class RegistrationMixin(Document):  # type: ignore[misc]
    """What the application got where it registered at run time: a document for each instance."""

    meta: ClassVar[dict[str, Any]] = {
        "abstract": True,
        "indexes": [{"fields": ("created_at",), "cls": False}],
    }

    key_hash = StringField(primary_key=True)
    """SHA-256 of provider and host, hexadecimal."""
    provider_id = StringField(required=True, max_length=64)
    host = StringField(required=True, max_length=255)
    client_id = StringField(required=True)
    client_secret = SecretField()
    redirect_uris = StringField()
    """Separated by spaces, as the scopes."""
    scopes = StringField()
    created_at = LongField(required=True)
    expires_at = LongField()
    """When the secret ends; missing where it lasts."""
    version = IntField(default=1)
    """Grows whenever it is replaced, for compare-and-swap."""

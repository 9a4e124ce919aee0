"""Who is taken for the visitor when the user's own row cannot be read."""

from __future__ import annotations

from typing import Any

import pytest
from flask import session

from flask_social import security
from tests.bed import Bed

U1 = "one@example.org"


def broken(key: str) -> Any:
    raise LookupError("the application's own mistake")


def test_a_user_loader_that_raises_is_not_taken_for_nobody(
    bed: Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    bed.add_user(U1)
    monkeypatch.setattr(bed.app.login_manager, "_user_callback", broken)  # type: ignore[attr-defined]
    with bed.app.test_request_context("/"):
        session["_user_id"] = security.find_user(email=U1).fs_uniquifier  # type: ignore[union-attr]
        session["_fresh"] = True
        with pytest.raises(LookupError, match="own mistake"):
            security.visitor()


def test_nobody_is_remembered_for_nobody_who_was_asked_for(bed: Bed) -> None:
    bed.add_user(U1)
    with bed.app.test_request_context("/"):
        restore = security.visitor_now()
        security.forget_visitor()
        assert security.visitor() is None
        session["_user_id"] = security.find_user(email=U1).fs_uniquifier  # type: ignore[union-attr]
        restore()
        visitor = security.visitor()
        assert visitor is not None
        assert visitor.email == U1

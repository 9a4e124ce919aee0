"""A provider's keys and the signatures that they make."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from joserfc.jwk import Key, OctKey

from flask_social import limits
from flask_social.errors import ProviderError, ProviderUnavailable
from flask_social.http import Response
from flask_social.protocols import keys, signatures
from flask_social.protocols.keys import ALGORITHMS, Keys

from .paper import answer, claims, ec, okp, public, rsa, sign

SECRET = "thirty-two bytes and a few more of secret"


def key_set(*members: Any) -> Keys:
    return keys.read_keys(answer({"keys": list(members)}))


class Ring:
    """Keys at hand, and those that asking anew brings."""

    def __init__(self, kept: Keys, renewed: Keys | None = None) -> None:
        self.kept = kept
        self.renewed = kept if renewed is None else renewed
        self.asked: list[bool] = []

    def __call__(self, anew: bool) -> Keys:
        self.asked.append(anew)
        return self.renewed if anew else self.kept


def ring(*members: Any) -> Ring:
    return Ring(key_set(*members))


def refusal(token: str, find: Any, *algorithms: str, secret: str | None = None) -> str:
    with pytest.raises(ValueError, match=r".") as stopped:
        signatures.verified(token, algorithms or ("RS256",), secret, find)
    return str(stopped.value)


@pytest.mark.parametrize("part", ["A", "AAAAA", "A" * 9])
def test_one_character_too_many_is_no_base64url(part: str) -> None:
    assert refusal(f"{part}.AAAA.AAAA", ring(public(rsa()))) == "it is not base64url"


def with_header(**members: Any) -> str:
    """A token whose header joserfc would not write, and whose signature is none."""
    header = json.dumps({"alg": "RS256", "kid": "one", **members}).encode()
    parts = (header, json.dumps(claims()).encode(), b"x" * 256)
    return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)


SIGNING: list[tuple[str, Key]] = [
    *((name, rsa()) for name in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
    ("ES256", ec("P-256")),
    ("ES384", ec("P-384")),
    ("ES512", ec("P-521")),
    ("Ed25519", okp()),
]


@pytest.mark.parametrize(("algorithm", "key"), SIGNING, ids=[name for name, _ in SIGNING])
def test_every_algorithm_that_is_listed_is_checked(algorithm: str, key: Key) -> None:
    token = sign(claims(), key, {"alg": algorithm})
    find = ring(public(key))
    assert json.loads(signatures.verified(token, (algorithm,), None, find).payload) == claims()
    assert find.asked == [False]
    head, _, tail = token.rpartition(".")
    broken = f"{head}.{'A' if tail[0] != 'A' else 'B'}{tail[1:]}"
    assert refusal(broken, find, algorithm) == "the signature is wrong"


def test_the_older_name_of_the_edwards_curve_is_understood() -> None:
    token = sign(claims(), okp(), {"alg": "Ed25519"})
    assert refusal(token, ring(public(okp())), "EdDSA").startswith("alg is not")
    header = {"alg": "EdDSA", "kid": okp().kid}
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    content = f"{head}.{token.split('.')[1]}"
    signature = okp().get_op_key("sign").sign(content.encode())  # type: ignore[union-attr]
    tail = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    for alg in ("EdDSA", "Ed25519", None):
        find = ring(public(okp(), alg=alg))
        assert signatures.verified(f"{content}.{tail}", ("EdDSA",), None, find).algorithm == "EdDSA"


def test_there_is_no_none() -> None:
    assert "none" not in {name.lower() for name in ALGORITHMS}


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "RS384", "", 7, None, ["RS256"], {}]
)
def test_a39_another_algorithm_than_those_configured_is_refused(algorithm: Any) -> None:
    message = refusal(with_header(alg=algorithm), ring(public(rsa())))
    assert message == "alg is not one of those configured"


def test_a39_none_is_refused_even_if_somebody_lists_it() -> None:
    head, payload, _ = with_header(alg="none").split(".")
    message = refusal(f"{head}.{payload}.", ring(public(rsa())), "none")
    assert message == "alg is not one of those configured"


def test_a39_a_header_without_algorithm_is_refused() -> None:
    part = base64.urlsafe_b64encode(b'{"kid": "one"}').rstrip(b"=").decode()
    assert refusal(f"{part}.e30.AA", ring(public(rsa()))).startswith("alg")


def _confusions() -> dict[str, bytes]:
    key = rsa()
    return {
        "PEM": key.as_pem(private=False),
        "DER": key.as_der(private=False),
        "JWK": json.dumps(key.as_dict(private=False)).encode(),
    }


@pytest.mark.parametrize("form", ["PEM", "DER", "JWK"])
def test_a40_a_public_key_is_no_secret_to_sign_with(form: str) -> None:
    head, payload, _ = with_header(alg="HS256").split(".")
    digest = hmac.digest(_confusions()[form], f"{head}.{payload}".encode(), "sha256")
    token = f"{head}.{payload}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
    find = ring(public(rsa()))
    assert refusal(token, find, "RS256").startswith("alg is not")
    assert refusal(token, find, "RS256", "HS256", secret=SECRET) == "the signature is wrong"
    assert find.asked == []


def test_a40_the_client_secret_signs_only_where_that_is_configured() -> None:
    token = sign(claims(), OctKey.import_key(SECRET), {"alg": "HS256", "kid": ...})
    assert refusal(token, ring(public(rsa())), secret=SECRET).startswith("alg is not")
    find = ring(public(rsa()))
    signed = signatures.verified(token, ("HS256",), SECRET, find)
    assert json.loads(signed.payload) == claims()
    assert find.asked == []
    assert refusal(token, find, "HS256", secret=SECRET[::-1]) == "the signature is wrong"


@pytest.mark.parametrize("secret", [None, "", "short"])
def test_a40_a_secret_too_short_to_guard_anything_is_refused(secret: str | None) -> None:
    token = sign(claims(), OctKey.import_key(SECRET), {"alg": "HS256", "kid": ...})
    assert "too short" in refusal(token, ring(public(rsa())), "HS256", secret=secret)


def test_a41_keys_that_a_header_brings_along_are_not_used() -> None:
    own = rsa("attacker")
    header = {"jwk": public(own), "kid": "attacker", "jku": "https://evil.example/keys"}
    token = sign(claims(), own, {**header, "x5u": "https://evil.example/cert"})
    assert refusal(token, ring(public(rsa()))) == (
        "no key of the provider has its kid, type and algorithm"
    )
    assert refusal(sign(claims(), own, {**header, "kid": "one"}), ring(public(rsa()))) == (
        "the signature is wrong"
    )


def test_a42_one_key_and_no_kid_is_enough() -> None:
    token = sign(claims(), rsa(), {"kid": ...})
    for member in (public(rsa()), public(rsa(), kid=None)):
        assert signatures.verified(token, ("RS256",), None, ring(member))


def test_a42_one_usable_key_among_others_and_no_kid_is_enough() -> None:
    token = sign(claims(), rsa(), {"kid": ...})
    others = (public(rsa("two"), use="enc"), public(ec()), public(rsa("three"), alg="PS256"))
    assert signatures.verified(token, ("RS256",), None, ring(*others, public(rsa())))


def test_a42_several_keys_and_no_kid_are_refused() -> None:
    token = sign(claims(), rsa(), {"kid": ...})
    find = ring(public(rsa()), public(rsa("two")), public(rsa("three")))
    assert refusal(token, find) == "no kid, and several keys"
    assert find.asked == [False]


def test_a42_a_kid_used_twice_is_refused() -> None:
    find = ring(public(rsa()), public(rsa("two"), kid="one"))
    assert refusal(sign(claims()), find) == "a kid used twice"


def test_a42_a_kid_may_be_shared_by_keys_of_different_types() -> None:
    find = ring(public(rsa()), public(ec(), kid="one"))
    assert signatures.verified(sign(claims()), ("RS256",), None, find)


@pytest.mark.parametrize(
    "kid", ["unknown", "", "../../dev/null", "x' OR '1'='1", "ONE", "one ", "k" * 255]
)
def test_a42_an_unknown_kid_is_asked_for_once_and_refused(kid: str) -> None:
    find = ring(public(rsa()))
    assert refusal(with_header(kid=kid), find).startswith("no key of the provider")
    assert find.asked == [False, True]


@pytest.mark.parametrize("kid", [7, None, True, ["one"], {"a": 1}, "k" * 256])
def test_a42_a_kid_that_is_no_text_of_sane_length_is_refused(kid: Any) -> None:
    find = ring(public(rsa()))
    assert refusal(with_header(kid=kid), find) == "kid is not a text of sane length"
    assert find.asked == []


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"use": "odd"},
        {"use": 7},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"alg": "RS512"},
        {"alg": "RSA-OAEP"},
        {"alg": 7},
        {"kty": "EC"},
        {"kty": 7},
        {"crv": "P-256"},
    ],
)
def test_a42_a_key_for_another_purpose_checks_nothing(change: dict[str, Any]) -> None:
    find = ring(public(rsa(), **change), public(rsa("two")))
    assert refusal(sign(claims()), find).startswith("no key of the provider")


@pytest.mark.parametrize("change", [{"use": "sig"}, {"key_ops": ["verify"]}, {"alg": "RS256"}])
def test_a_key_may_say_what_it_is_for(change: dict[str, Any]) -> None:
    assert signatures.verified(sign(claims()), ("RS256",), None, ring(public(rsa(), **change)))


def test_an_elliptic_key_on_another_curve_checks_nothing() -> None:
    token = sign(claims(), ec("P-256"), {"alg": "ES256", "kid": "P-384"})
    assert refusal(token, ring(public(ec("P-384"))), "ES256").startswith("no key of the provider")


def test_a_key_of_another_type_signed_nothing() -> None:
    signed = signatures.take_apart(sign(claims()), ("RS256",))
    assert signed.is_by(rsa())
    assert not signed.is_by(ec())


def test_a52_a_key_that_was_just_rotated_is_found() -> None:
    find = Ring(key_set(public(rsa())), key_set(public(rsa("two"))))
    assert signatures.verified(sign(claims(), rsa("two")), ("RS256",), None, find)
    assert find.asked == [False, True]


def test_a52_a_key_that_was_rotated_under_its_old_name_is_found() -> None:
    for member in (public(rsa("two"), kid="one"), public(rsa("two"), kid=None)):
        find = Ring(key_set(public(rsa())), key_set(member))
        header = {"kid": "one"} if "kid" in member else {"kid": ...}
        assert signatures.verified(sign(claims(), rsa("two"), header), ("RS256",), None, find)
        assert find.asked == [False, True]


def test_a52_a_withdrawn_key_checks_nothing_once_the_set_is_renewed() -> None:
    find = Ring(key_set(public(rsa("two"))))
    assert refusal(sign(claims(), rsa()), find).startswith("no key of the provider")
    swapped = Ring(key_set(public(rsa("two"), kid="one")), key_set(public(rsa("three"), kid="one")))
    assert refusal(sign(claims(), rsa()), swapped) == "the signature is wrong"


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["x"]},
        {"crit": []},
        {"crit": None},
        {"b64": False},
        {"b64": True},
        {"zip": "DEF"},
        {"enc": "A128GCM"},
        {"cty": "JWT"},
    ],
)
def test_a43_headers_that_change_the_rules_are_refused(header: dict[str, Any]) -> None:
    assert refusal(with_header(**header), ring(public(rsa()))).startswith("the header carries")


@pytest.mark.parametrize("typ", ["logout+jwt", "at+jwt", "secevent+jwt", "", None, 7, ["JWT"]])
def test_a43_another_kind_of_token_is_refused(typ: Any) -> None:
    message = refusal(with_header(typ=typ), ring(public(rsa())))
    assert message == "typ says that it is another kind of token"


@pytest.mark.parametrize("typ", ["JWT", "jwt"])
def test_the_usual_type_is_taken_in_any_case(typ: str) -> None:
    assert signatures.verified(
        sign(claims(), header={"typ": typ}), ("RS256",), None, ring(public(rsa()))
    )


def _malformed() -> dict[str, str]:
    header, payload, signature = sign(claims()).split(".")
    deep = base64.urlsafe_b64encode(b"[" * 99 + b"]" * 99).rstrip(b"=").decode()
    twice = base64.urlsafe_b64encode(b'{"alg": "RS256", "alg": "RS256"}').rstrip(b"=").decode()
    return {
        "empty": "",
        "dots": "..",
        "two parts": f"{header}.{payload}",
        "five parts, as encrypted": f"{header}..{payload}.{signature}.{signature}",
        "JSON": '{"payload": "e30", "signature": "AA"}',
        "padding": f"{header}=.{payload}.{signature}",
        "plain base64": f"{header}.{payload}.+/+/",
        "half a byte": f"{header}.{payload}.A",
        "white space": f"{header}.{payload}.{signature}\n",
        "a header that is a list": f"W10.{payload}.{signature}",
        "a deep header": f"{deep}.{payload}.{signature}",
        "a header that repeats a name": f"{twice}.{payload}.{signature}",
        "a header that is no JSON": f"AAAA.{payload}.{signature}",
        "a long header": f"{'A' * (limits.ID_TOKEN_HEADER + 1)}.{payload}.{signature}",
        "a long token": f"{header}.{'A' * limits.ID_TOKEN}.{signature}",
        "other letters": f"{header}.{payload}.ä",
    }


@pytest.mark.parametrize("token", _malformed().values(), ids=_malformed().keys())
def test_what_is_no_compact_signature_is_refused(token: str) -> None:
    find = ring(public(rsa()))
    message = refusal(token, find)
    assert find.asked == []
    assert len(message) < 100


def test_a_changed_payload_is_refused() -> None:
    header, _, signature = sign(claims()).split(".")
    payload = sign(claims(sub="victim")).split(".")[1]
    token = f"{header}.{payload}.{signature}"
    assert refusal(token, ring(public(rsa()))) == "the signature is wrong"


def test_a_missing_signature_is_refused() -> None:
    token = sign(claims()).rpartition(".")[0] + "."
    assert refusal(token, ring(public(rsa()))) == "the signature is wrong"


WEAK = {"kty": "RSA", "kid": "weak", "e": "AQAB", "n": "w" * 170}
MALFORMED: dict[str, Any] = {
    "no object": "key",
    "null": None,
    "empty": {},
    "unknown type": {"kty": "AKP", "kid": "x"},
    "a secret": {"kty": "oct", "k": "AAAA"},
    "a number for a type": {"kty": 7},
    "a list for a type": {"kty": ["RSA"]},
    "no modulus": {"kty": "RSA", "e": "AQAB"},
    "a number for a modulus": {"kty": "RSA", "e": "AQAB", "n": 7},
    "a modulus that is no base64url": {"kty": "RSA", "e": "AQAB", "n": "+" * 400},
    "an exponent that is no base64url": public(rsa(), e="+"),
    "an even exponent": public(rsa(), e="AA"),
    "weak": WEAK,
    "huge": {**WEAK, "n": "w" * 10_000},
    "an off-curve point": public(ec(), x=public(ec())["y"]),
    "no curve": public(ec(), crv=None),
    "an unknown curve": public(ec(), crv="P-1"),
    "a number for a curve": public(ec(), crv=7),
    "a number for a kid": public(rsa(), kid=7),
}


@pytest.mark.parametrize("member", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_or_weak_key_does_not_spoil_the_others(member: Any) -> None:
    found = key_set(member, public(rsa()), member)
    assert [key.key_id for key in found] == ["one"]
    assert signatures.verified(sign(claims()), ("RS256",), None, lambda anew: found)


@pytest.mark.parametrize(
    "response",
    [
        answer({"keys": []}),
        answer({"keys": list(MALFORMED.values())}),
        answer({"keys": {"one": public(rsa())}}),
        answer({}),
        answer({"keys": [public(rsa())]}, 404),
    ],
)
def test_a_set_without_a_usable_key_is_not_kept(response: Response) -> None:
    with pytest.raises(ProviderUnavailable) as stopped:
        keys.read_keys(response)
    assert stopped.value.code == "bad_keys"


def test_what_is_no_key_set_is_refused() -> None:
    for response in (answer([public(rsa())]), answer(b"{"), answer({}, media="text/html")):
        with pytest.raises(ProviderError):
            keys.read_keys(response)


def test_a_key_set_comes_under_its_own_media_type_too() -> None:
    assert keys.read_keys(answer({"keys": [public(rsa())]}, media="application/jwk-set+json"))


def test_private_members_of_a_published_key_are_not_read() -> None:
    (found,) = key_set(rsa().as_dict(private=True))
    assert not found.key.is_private
    assert "key=" not in repr(found)

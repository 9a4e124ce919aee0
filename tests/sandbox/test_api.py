"""Each provider's profile in its own shape, and an echo elsewhere."""

from __future__ import annotations

import hashlib
import hmac

from flask_social.testing import ServedSandbox

from .walk import Walk


def proof(token: str) -> str:
    return hmac.new(b"secret", token.encode(), hashlib.sha256).hexdigest()


def test_github_has_a_user_with_an_integer_id_and_no_public_address(box: ServedSandbox) -> None:
    walk = Walk(box, "github")
    user = walk.get("api/user", walk.tokens()["access_token"]).json()
    assert isinstance(user["id"], int)
    assert (user["login"], user["name"], user["email"]) == ("ada", "Ada Lovelace", None)


def test_github_addresses_need_their_scope(box: ServedSandbox) -> None:
    walk = Walk(box, "github")
    without = walk.tokens(scope="read:user")["access_token"]
    assert walk.get("api/user/emails", without).status_code == 404
    token = walk.tokens(scope="read:user user:email")["access_token"]
    primary = [each for each in walk.get("api/user/emails", token).json() if each["primary"]]
    assert [each["email"] for each in primary] == ["ada@example.com"]
    box.login_as("radia")
    token = walk.tokens(scope="user:email")["access_token"]
    assert not any(each["primary"] for each in walk.get("api/user/emails", token).json())


def test_github_wants_a_user_agent(box: ServedSandbox) -> None:
    walk = Walk(box, "github")
    token = walk.tokens()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "User-Agent": ""}
    assert walk.session.get(walk.url("api/user"), headers=headers).status_code == 403


def test_github_deletes_a_token_for_its_application(box: ServedSandbox) -> None:
    walk = Walk(box, "github")
    token = walk.tokens()["access_token"]
    url = walk.url("api/applications/app/token")
    sent = {"access_token": token}
    assert walk.session.delete(url, json=sent).status_code == 401
    assert walk.session.delete(url, json=sent, auth=("app", "wrong")).status_code == 401
    assert walk.session.delete(url, json=sent, auth=("app", "secret")).status_code == 204
    assert walk.session.delete(url, json={}, auth=("app", "secret")).status_code == 404
    assert walk.get("api/user", token).status_code == 401


def test_facebook_gives_the_fields_asked_for(box: ServedSandbox) -> None:
    walk = Walk(box, "facebook")
    token = walk.tokens()["access_token"]
    sealed = {"appsecret_proof": proof(token)}
    assert set(walk.get("api/me", token, **sealed).json()) == {"id", "name"}
    fields = "id,email,picture.width(400).height(400)"
    said = walk.get("api/me", token, fields=fields, **sealed).json()
    assert said["email"] == "ada@example.com"
    assert said["picture"]["data"]["is_silhouette"] is False


def test_facebook_verifies_the_proof(box: ServedSandbox) -> None:
    walk = Walk(box, "facebook")
    token = walk.tokens()["access_token"]
    assert walk.get("api/me", token).status_code == 400
    assert walk.get("api/me", token, appsecret_proof=proof("other")).status_code == 400
    params = {"access_token": token, "appsecret_proof": proof(token)}
    assert walk.session.get(walk.url("api/me"), params=params).status_code == 200


def test_facebook_withholds_an_address_that_was_not_granted(box: ServedSandbox) -> None:
    box["facebook"].login_as("ada", scopes=["public_profile"])
    walk = Walk(box, "facebook")
    token = walk.tokens()["access_token"]
    said = walk.get("api/me", token, fields="email", appsecret_proof=proof(token)).json()
    assert set(said) == {"id"}
    granted = walk.get("api/me/permissions", token, appsecret_proof=proof(token)).json()
    assert granted["data"] == [{"permission": "public_profile", "status": "granted"}]


def test_facebook_permissions_can_be_deleted(box: ServedSandbox) -> None:
    walk = Walk(box, "facebook")
    token = walk.tokens()["access_token"]
    params = {"access_token": token, "appsecret_proof": proof(token)}
    gone = walk.session.delete(walk.url("api/me/permissions"), params=params)
    assert gone.json() == {"success": True}
    refused = walk.session.get(walk.url("api/me"), params=params)
    assert refused.json()["error"]["code"] == 190


def test_other_paths_of_facebook_and_github_echo(box: ServedSandbox) -> None:
    walk = Walk(box, "facebook")
    token = walk.tokens()["access_token"]
    said = walk.get("api/me/friends", token, limit="5", appsecret_proof=proof(token)).json()
    assert (said["path"], said["query"]) == ("me/friends", {"limit": "5"})
    walk = Walk(box, "github")
    assert walk.get("api/gists", walk.tokens()["access_token"]).json()["path"] == "gists"


def test_foursquare_wraps_its_answers_and_wants_a_date(box: ServedSandbox) -> None:
    walk = Walk(box, "foursquare")
    params = {"oauth_token": walk.tokens()["access_token"]}
    undated = walk.session.get(walk.url("api/users/self"), params=params)
    assert (undated.status_code, undated.json()["meta"]["errorType"]) == (400, "param_error")
    dated = {**params, "v": "20230131"}
    said = walk.session.get(walk.url("api/users/self"), params=dated).json()
    assert said["meta"]["code"] == 200
    assert said["response"]["user"]["contact"]["email"] == "ada@example.com"
    stranger = {"oauth_token": "unknown", "v": "20230131"}
    refused = walk.session.get(walk.url("api/users/self"), params=stranger)
    assert (refused.status_code, refused.json()["meta"]["code"]) == (401, 401)


def test_foursquare_echoes_in_the_envelope(box: ServedSandbox) -> None:
    walk = Walk(box, "foursquare")
    token = walk.tokens()["access_token"]
    said = walk.get("api/venues/search", token, v="20230131", near="Athens").json()
    assert said["response"]["query"] == {"v": "20230131", "near": "Athens"}


def test_a_person_without_an_address_has_none_anywhere(box: ServedSandbox) -> None:
    box.login_as("radia")
    walk = Walk(box, "plain")
    assert "email" not in walk.get("api/me", walk.tokens()["access_token"]).json()
    walk = Walk(box, "foursquare")
    said = walk.get("api/users/self", walk.tokens()["access_token"], v="20230131").json()
    assert "email" not in said["response"]["user"]["contact"]


def test_a_plain_profile_has_an_integer_id(plain: Walk) -> None:
    said = plain.get("api/me", plain.tokens()["access_token"]).json()
    assert isinstance(said["id"], int)
    assert said["email_verified"] is True


def test_any_other_path_tells_what_arrived_but_no_token(plain: Walk) -> None:
    token = plain.tokens()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = plain.session.post(plain.url("api/notes?x=1"), json={"a": 1}, headers=headers)
    said = answer.json()
    assert (said["method"], said["path"], said["account"]) == ("POST", "notes", "Ada Lovelace")
    assert said["query"] == {"x": "1"}
    assert said["body"] == '{"a": 1}'
    assert token not in answer.text


def test_an_unknown_token_is_refused_everywhere(box: ServedSandbox) -> None:
    for provider_id in ("github", "plain", "google"):
        assert Walk(box, provider_id).get("api/anything", "unknown").status_code == 401


def test_profiles_can_be_bent(box: ServedSandbox) -> None:
    walk = Walk(box, "github")
    token = walk.tokens(scope="user:email")["access_token"]
    box["github"].set("api", id="123")
    box["github"].replace("emails", [])
    assert walk.get("api/user", token).json()["id"] == "123"
    assert walk.get("api/user/emails", token).json() == []


def test_vk_tells_the_address_with_the_token_and_wants_its_version(box: ServedSandbox) -> None:
    walk = Walk(box, "vk")
    told = walk.tokens(scope="email")
    assert told["email"] == "ada@example.com"
    person = walk.get("api/users.get", None, access_token=told["access_token"], v="5.131").json()
    assert person["response"][0]["id"] == told["user_id"]
    without = walk.get("api/users.get", None, access_token=told["access_token"])
    assert (without.status_code, without.json()["error"]["error_code"]) == (200, 100)
    unknown = walk.get("api/users.get", None, access_token="unknown", v="5.131")
    assert (unknown.status_code, unknown.json()["error"]["error_code"]) == (200, 5)
    assert "email" not in walk.tokens(scope="friends")

"""What is peculiar to one client library or another: hosts, errors, and ways around our session."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter

from flask_social.api import ApiSession
from flask_social.testing import ServedSandbox
from tests.bed import Bed
from tests.clients.cases import (
    ACCOUNT,
    CASES,
    CLIENT,
    STRIPE,
    Store,
    at,
    client_of,
    made,
    session_at,
)
from tests.faulty import Exchange, Faulty, refusing

CASE = {case.name: case for case in [*CASES, STRIPE]}


class Recording(HTTPAdapter):
    """The internet: answers whatever is asked, and keeps what was."""

    def __init__(self, body: bytes = b"{}", **headers: str) -> None:
        super().__init__()
        self.sent: list[requests.PreparedRequest] = []
        self._body = body
        self._headers = {"Content-Type": "application/json", **headers}

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, **_: Any
    ) -> requests.Response:
        self.sent.append(request)
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 200, str(request.url), request
        answer.headers.update(self._headers)
        answer._content = self._body
        return answer

    def token_of(self, nth: int = 0) -> str | None:
        value = self.sent[nth].headers.get("Authorization")
        return value.decode() if isinstance(value, bytes) else value


def on_the_internet(base_url: str, adapter: Recording) -> ApiSession:
    """A session at the provider's own address, which goes no further than *adapter*."""
    session = session_at(base_url, Store())
    session.mount("https://", adapter)
    return session


def answering(status: int, document: Any, **headers: str) -> Callable[[Exchange], None]:
    def script(exchange: Exchange) -> None:
        body = json.dumps(document).encode()
        exchange.reply(body, status, Content_Type="application/json", **headers)

    return script


# Addresses.


ADDRESSES = [
    ("spotipy", "https://api.spotify.com/v1", "/me/"),
    ("python-gitlab", "https://gitlab.com/api/v4", "/projects/7"),
    ("python-gitlab", "https://git.example/lab/api/v4", "/projects/7"),
    ("dropbox", "https://api.dropboxapi.com/2", "/users/get_current_account"),
    ("Mastodon.py", "https://social.example/api/v1", "/accounts/verify_credentials"),
    ("notion-client", "https://api.notion.com/v1", "/users/me"),
    ("praw", "https://oauth.reddit.com", "/api/v1/me"),
    ("stravalib", "https://www.strava.com/api/v3", "/athlete"),
    ("jira", "https://api.atlassian.com/ex/jira/1122", "/rest/api/2/issue/ENGINE-1"),
    ("simple-salesforce", "https://x.my.salesforce.com/services/data/v59.0", "/sobjects/Contact/"),
    ("slack-sdk", "https://slack.com/api", "/chat.postMessage"),
    ("stripe", "https://api.stripe.com/v1", "/customers"),
]


@pytest.mark.parametrize(("name", "base_url", "path"), ADDRESSES)
def test_a_provider_s_own_address_is_the_library_s(name: str, base_url: str, path: str) -> None:
    case = CASE[name]
    internet = Recording(json.dumps(case.answer).encode())
    case.call(client_of(name, on_the_internet(base_url, internet)))
    [sent] = internet.sent
    assert str(sent.url).startswith(base_url + path)


@pytest.mark.parametrize(
    ("name", "base_url", "expected"),
    [
        ("spotipy", "https://api.spotify.com/", "https://api.spotify.com/v1/me/"),
        ("python-gitlab", "https://gitlab.com", "https://gitlab.com/api/v4/projects/7"),
        ("notion-client", "https://api.notion.com/", "https://api.notion.com/v1/users/me"),
        (
            "jira",
            "https://api.atlassian.com/ex/jira/1122/rest/api/3/",
            "https://api.atlassian.com/ex/jira/1122/rest/api/2/issue/ENGINE-1",
        ),
        (
            "Mastodon.py",
            "https://social.example/",
            "https://social.example/api/v1/accounts/verify_credentials",
        ),
    ],
)
def test_what_a_library_adds_to_an_address_may_be_missing_or_there(
    name: str, base_url: str, expected: str
) -> None:
    case = CASE[name]
    internet = Recording(json.dumps(case.answer).encode())
    case.call(client_of(name, on_the_internet(base_url, internet)))
    [sent] = internet.sent
    assert sent.url == expected


# GitHub.


def test_what_pygithub_shows_of_its_token_is_that_there_is_one() -> None:
    api = made("PyGithub", "http://127.0.0.1/", Store())
    headers: dict[str, str] = {}
    api.requester.auth.authentication(headers)
    assert headers == {"Authorization": "Bearer the-first-token"}
    api.requester.auth.mask_authentication(headers)
    assert "the-first-token" not in str(headers) + repr(api.requester.auth)


def test_github_s_api_is_called_by_pygithub_for_a_user_who_has_connected(
    make_bed: Callable[..., Bed], box: ServedSandbox
) -> None:
    keys = {"consumer_key": "github-key", "consumer_secret": "github-secret"}
    bed = make_bed(SOCIAL_SANDBOX=box.url, SOCIAL_GITHUB={**keys, "api_client": "PyGithub"})
    bed.add_user("ada@example.com")
    answer = bed.browser().sign_in("ada@example.com").trip("/connect/github")
    assert answer.status_code == 303
    with bed.app.app_context():
        user = bed.db.session.get(bed.User, bed.user_id("ada@example.com"))
        assert bed.social.github.get_api(user=user).get_user().login == "ada"


# Google.


def test_google_s_services_have_hosts_of_their_own() -> None:
    internet = Recording()
    api = client_of("googleapiclient", on_the_internet("https://www.googleapis.com/", internet))
    api.build("gmail", "v1").users().getProfile(userId="me").execute()
    api.build("drive", "v3").about().get(fields="user").execute()
    hosts = [str(sent.url).partition("?")[0] for sent in internet.sent]
    assert hosts == [
        "https://gmail.googleapis.com/gmail/v1/users/me/profile",
        "https://www.googleapis.com/drive/v3/about",
    ]
    assert internet.token_of(0) == internet.token_of(1) == "Bearer the-first-token"


def test_a_service_at_another_host_gets_no_token() -> None:
    internet = Recording()
    api = client_of("googleapiclient", on_the_internet("https://www.googleapis.com/", internet))
    elsewhere = {"api_endpoint": "https://googleapis.com.attacker.test/"}
    service = api.build("drive", "v3", client_options=elsewhere)
    with pytest.raises(ValueError, match="is not where this token may go"):
        service.about().get(fields="user").execute()
    assert internet.sent == []


def test_a_file_is_uploaded_to_google() -> None:
    from googleapiclient.http import MediaInMemoryUpload

    with Faulty(answering(200, {"id": "file-1"})) as server:
        drive = made("googleapiclient", server.url, Store()).build("drive", "v3")
        media = MediaInMemoryUpload(b"the notes", mimetype="text/plain")
        assert drive.files().create(media_body=media).execute() == {"id": "file-1"}
    [sent] = server.requests
    assert sent.target.startswith("/upload/drive/v3/files?")
    assert sent.body == b"the notes"


def test_a_refusal_of_google_s_is_the_library_s_own_error() -> None:
    from googleapiclient.errors import HttpError

    refusal = {"error": {"code": 404, "message": "File not found: notes."}}
    with Faulty(answering(404, refusal)) as server:
        drive = made("googleapiclient", server.url, Store()).build("drive", "v3")
        with pytest.raises(HttpError, match="File not found") as raised:
            drive.files().get(fileId="notes").execute()
    assert raised.value.resp.status == 404


def test_google_s_credentials_are_for_google_s_other_libraries() -> None:
    store = Store()
    credentials = made("google-auth", "https://www.googleapis.com/", store).credentials
    headers: dict[str, str] = {}
    for url in ("https://www.googleapis.com/x", "https://storage.googleapis.com/storage/v1/b"):
        credentials.before_request(None, "GET", url, headers)
        assert headers["authorization"] == "Bearer the-first-token"
    assert (credentials.valid, credentials.expired) == (True, False)
    store.access_token = "the-second-token"
    credentials.refresh(None)
    assert credentials.token == "the-second-token"
    assert "the-second-token" not in repr(vars(credentials))


@pytest.mark.parametrize(
    "url",
    [
        "https://attacker.test/",
        "https://googleapis.com.attacker.test/",
        "https://evilgoogleapis.com/",
        "http://storage.googleapis.com/",
        "https://user@attacker.test/.googleapis.com",
    ],
)
def test_google_s_credentials_go_nowhere_else(url: str) -> None:
    internet = Recording()
    api = client_of("google-auth", on_the_internet("https://www.googleapis.com/", internet))
    api.mount("https://", internet)
    api.mount("http://", internet)
    with pytest.raises(ValueError, match="is not where this token may go"):
        api.get(url)
    assert internet.sent == []


# Slack.


def test_what_slack_refuses_is_the_library_s_own_error() -> None:
    from slack_sdk.errors import SlackApiError

    case = CASE["slack-sdk"]
    for status, document in ((200, {"ok": False, "error": "channel_not_found"}), (500, {})):
        with Faulty(answering(status, document)) as server:
            with pytest.raises(SlackApiError) as raised:
                case.call(at(server, case, Store()))
            assert raised.value.response.status_code == status


def test_slack_says_when_it_may_be_asked_again() -> None:
    from slack_sdk.errors import SlackApiError

    case = CASE["slack-sdk"]
    busy = answering(429, {"ok": False, "error": "ratelimited"}, Retry_After="30")
    with Faulty(busy) as server, pytest.raises(SlackApiError) as raised:
        case.call(at(server, case, Store()))
    assert raised.value.response.headers["Retry-After"] == "30"


def test_a_file_of_slack_s_comes_as_it_is() -> None:
    def script(exchange: Exchange) -> None:
        exchange.reply(b"\x1f\x8b\xff", Content_Type="application/gzip")

    with Faulty(script) as server:
        answer = made("slack-sdk", server.url, Store()).admin_analytics_getFile(type="member")
    assert answer.data == b"\x1f\x8b\xff"


def test_slack_s_client_has_the_present_token_and_no_other() -> None:
    store = Store()
    api = made("slack-sdk", "http://127.0.0.1/api", store)
    store.access_token = "the-second-token"
    api.token = "of somebody else"
    assert api.token == "the-second-token"
    assert repr(api) == "<SlackClient <ApiSession http://127.0.0.1/api/>>"


# Dropbox.


def test_a_file_comes_from_dropbox_s_other_host() -> None:
    told = json.dumps(
        {
            "name": "notes.txt",
            "id": "id:1",
            "client_modified": "2026-01-01T00:00:00Z",
            "server_modified": "2026-01-01T00:00:00Z",
            "rev": "a1c10ce0dd78",
            "size": 9,
        }
    )
    internet = Recording(b"the notes", **{"dropbox-api-result": told})
    api = client_of("dropbox", on_the_internet("https://api.dropboxapi.com/2", internet))
    _, answer = api.files_download("/notes.txt")
    assert answer.content == b"the notes"
    assert internet.sent[0].url == "https://content.dropboxapi.com/2/files/download"
    assert internet.token_of() == "Bearer the-first-token"


def test_what_dropbox_takes_from_anybody_carries_no_token() -> None:
    internet = Recording(b'{"changes": false}')
    api = client_of("dropbox", on_the_internet("https://api.dropboxapi.com/2", internet))
    assert not api.files_list_folder_longpoll("a-cursor").changes
    assert internet.sent[0].url == "https://notify.dropboxapi.com/2/files/list_folder/longpoll"
    assert internet.token_of() is None


def test_a_copy_of_dropbox_s_client_stays_on_our_session() -> None:
    from dropbox.common import PathRoot

    case, store = CASE["dropbox"], Store()
    with Faulty(case.script) as server:
        copy = at(server, case, store).with_path_root(PathRoot.home)
        store.access_token = "the-second-token"
        case.call(copy)
    assert server.requests[0].headers["authorization"] == "Bearer the-second-token"


# Mastodon.


def test_mastodon_s_client_knows_that_somebody_is_signed_in() -> None:
    with Faulty(answering(200, [])) as server:
        api = made("mastodon", server.url, Store())
        assert api.access_token == "the-first-token"
        assert api.timeline_home() == []
        api.access_token = "of somebody else"
        assert api.access_token == "the-first-token"


# Notion.


def test_a_with_block_does_not_leave_our_session() -> None:
    case, store = CASE["notion-client"], Store()
    with Faulty(case.script) as server:
        with at(server, case, store) as notion:
            case.call(notion)
        case.call(notion)
    assert [sent.headers["authorization"] for sent in server.requests] == [
        "Bearer the-first-token"
    ] * 2


def test_notion_s_refusals_are_the_library_s_own_errors() -> None:
    from notion_client import APIResponseError

    case = CASE["notion-client"]
    refusal = {"object": "error", "status": 404, "code": "object_not_found", "message": "No."}
    with Faulty(answering(404, refusal)) as server, pytest.raises(APIResponseError, match="No"):
        case.call(at(server, case, Store()))


def test_what_is_written_to_notion_arrives_whole() -> None:
    with Faulty(answering(200, {"object": "page", "id": "1"})) as server:
        notion = made("notion-client", server.url, Store())
        notion.pages.create(parent={"page_id": "p"}, properties={"title": []})
    [sent] = server.requests
    assert json.loads(sent.body) == {"parent": {"page_id": "p"}, "properties": {"title": []}}
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["notion-version"]


def test_where_notion_is_not_there_httpx_says_so() -> None:
    with refusing() as port:
        notion = made("notion-client", f"http://127.0.0.1:{port}", Store())
        with pytest.raises(httpx.ConnectError):
            notion.users.me()


# Reddit.


def test_a_file_of_praw_s_in_the_working_folder_moves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from praw.config import Config

    (tmp_path / "praw.ini").write_text(
        "[DEFAULT]\noauth_url=https://attacker.test\nreddit_url=https://attacker.test\n"
        "client_secret=decoy\nrefresh_token=decoy\nusername=decoy\npassword=decoy\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Config, "CONFIG", None)
    case = CASE["praw"]
    with Faulty(case.script) as server:
        with pytest.warns(UserWarning, match="overrides"):
            reddit = at(server, case, Store())
        assert case.call(reddit) == case.result
    assert len(server.requests) == 1
    assert reddit.config.reddit_url == "https://www.reddit.com"
    assert reddit.config.client_secret is reddit.config.refresh_token is None
    assert not reddit.read_only


def test_where_reddit_is_not_there_praw_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from prawcore.exceptions import RequestException

    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with refusing() as port:
        reddit = made("praw", f"http://127.0.0.1:{port}", Store())
        with pytest.raises(RequestException):
            reddit.user.me(use_cache=False)


# Discord.


def test_each_request_of_a_block_carries_the_present_token_of_discord() -> None:
    case, store = CASE["hikari"], Store()

    async def call_twice(api: Any) -> None:
        async with api as discord:
            await discord.fetch_my_user()
            store.access_token = "the-second-token"
            await discord.fetch_my_user()

    with Faulty(case.script) as server:
        asyncio.run(call_twice(at(server, case, store)))
    first, second = (sent.headers["authorization"] for sent in server.requests)
    assert (first, second) == ("Bearer the-first-token", "Bearer the-second-token")


def test_a_token_that_discord_refuses_is_the_library_s_own_error() -> None:
    from hikari import UnauthorizedError

    case = CASE["hikari"]
    refusal = answering(401, {"message": "401: Unauthorized", "code": 0})
    with Faulty(refusal) as server, pytest.raises(UnauthorizedError):
        case.call(at(server, case, Store()))


# Strava.


def test_stravalib_neither_warns_nor_takes_anything_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STRAVA_CLIENT_ID", "1")
    monkeypatch.setenv("STRAVA_CLIENT_SECRET", "decoy")
    caplog.set_level(logging.WARNING)
    api = made("stravalib", "http://127.0.0.1/", Store())
    assert api.protocol.client_id is api.protocol.client_secret is api.refresh_token is None
    assert caplog.records == []


def test_stravalib_pages_through_a_list() -> None:
    pages = [[{"id": 1, "name": "Morning"}, {"id": 2, "name": "Noon"}], []]

    def script(exchange: Exchange) -> None:
        answering(200, pages.pop(0))(exchange)

    with Faulty(script) as server:
        found = list(made("stravalib", server.url, Store()).get_activities(limit=5))
    assert [each.name for each in found] == ["Morning", "Noon"]
    assert {sent.headers["authorization"] for sent in server.requests} == {"Bearer the-first-token"}


# Jira.


def test_a_site_of_one_s_own_is_asked_for_its_version_once_and_one_in_the_cloud_never() -> None:
    with Faulty(answering(200, {"versionNumbers": [9, 12, 0]})) as server:
        api = made("jira", server.url, Store())
        assert server.requests == []
        assert [api._version, api._version] == [(9, 12, 0)] * 2
        assert len(server.requests) == 1
    assert (api.deploymentType, api._is_cloud) == ("Server", False)
    internet = Recording()
    site = "https://api.atlassian.com/ex/jira/1122"
    cloud = client_of("jira", on_the_internet(site, internet))
    assert cloud._is_cloud
    assert cloud._version > (9, 0, 0)
    assert internet.sent == []


def test_jira_s_refusals_are_the_library_s_own_errors() -> None:
    from jira import JIRAError

    case = CASE["jira"]
    refusal = {"errorMessages": ["Issue does not exist"], "errors": {}}
    with (
        Faulty(answering(404, refusal)) as server,
        pytest.raises(JIRAError, match="Issue does not exist") as raised,
    ):
        case.call(at(server, case, Store()))
    assert raised.value.status_code == 404
    assert "the-first-token" not in str(raised.value)


def test_a_refusal_of_jira_s_is_raised_where_nothing_is_read_of_the_answer_too() -> None:
    from jira import JIRAError

    refusal = answering(403, {"errorMessages": ["No permission"]})
    with Faulty(refusal) as server, pytest.raises(JIRAError, match="No permission"):
        made("jira", server.url, Store()).add_vote("ENGINE-1")


def test_what_is_written_to_jira_arrives_whole() -> None:
    with Faulty(answering(201, {"id": "1", "body": "Done."})) as server:
        made("jira", server.url, Store()).add_comment("ENGINE-1", "Done.")
    [sent] = server.requests
    assert (sent.method, json.loads(sent.body)) == ("POST", {"body": "Done."})
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["x-atlassian-token"] == "no-check"


# Salesforce.


def test_the_present_token_is_in_salesforce_s_other_headers_too() -> None:
    store = Store()
    with Faulty(answering(200, {"id": "750", "state": "Open"})) as server:
        salesforce = made("simple-salesforce", server.url, store)
        store.access_token = "the-second-token"
        salesforce.bulk.Contact._create_job(operation="insert", use_serial=False)
    [sent] = server.requests
    assert sent.headers["x-sfdc-session"] == "the-second-token"
    assert sent.headers["authorization"] == "Bearer the-second-token"


def test_salesforce_s_refusals_are_the_library_s_own_errors() -> None:
    from simple_salesforce.exceptions import SalesforceResourceNotFound

    case = CASE["simple-salesforce"]
    refusal = answering(404, [{"errorCode": "NOT_FOUND"}])
    with Faulty(refusal) as server, pytest.raises(SalesforceResourceNotFound) as raised:
        case.call(at(server, case, Store()))
    assert "the-first-token" not in str(raised.value)


# Stripe.


def stripe_at(url: str) -> Any:
    return made("stripe", url, Store())


def test_stripe_is_called_by_the_platform_for_the_connected_account() -> None:
    store = Store()
    with Faulty(STRIPE.script) as server:
        assert STRIPE.call(at(server, STRIPE, store)) == STRIPE.result
    [sent] = server.requests
    assert sent.headers["authorization"] == f"Bearer {CLIENT.secret}"
    assert sent.headers["stripe-account"] == ACCOUNT
    assert sent.target == "/v1/customers?limit=1"
    assert store.asked == 0


def test_what_is_written_to_stripe_arrives_whole() -> None:
    with Faulty(answering(200, {"id": "cus_1", "object": "customer"})) as server:
        made = stripe_at(server.url).v1.customers.create(params={"name": "Ada"})
    [sent] = server.requests
    assert (made.id, sent.method, sent.body) == ("cus_1", "POST", b"name=Ada")


def test_stripe_s_errors_are_the_library_s_own() -> None:
    import stripe

    refusal = {"error": {"type": "invalid_request_error", "message": "No such customer"}}
    with (
        Faulty(answering(404, refusal)) as server,
        pytest.raises(stripe.InvalidRequestError, match="No such customer"),
    ):
        STRIPE.call(stripe_at(server.url))
    with refusing() as port, pytest.raises(stripe.APIConnectionError) as raised:
        STRIPE.call(stripe_at(f"http://127.0.0.1:{port}"))
    assert str(CLIENT.secret) not in str(raised.value)


def test_the_platform_s_key_does_not_follow_a_redirect() -> None:
    import stripe

    def elsewhere(exchange: Exchange) -> None:
        exchange.reply(b"{}", 307, Location=f"{other.url}/v1/customers")

    with (
        Faulty(STRIPE.script) as other,
        Faulty(elsewhere) as server,
        pytest.raises(stripe.APIError),
    ):
        STRIPE.call(stripe_at(server.url))
    assert other.requests == []

"""Every number this library holds itself and its peers to.

Durations are seconds, sizes are bytes or characters. Those that an operator may need to
change are also ``SOCIAL_*`` keys; see :class:`flask_social.config.Settings`.
"""

from __future__ import annotations

# One trip to a provider.
SECRET_BYTES = 32  # state, nonce and verifier carry 256 bits (RFC 6749 10.10, RFC 7636 4.1)
NONCE_BYTES = 16  # of a signature (RFC 5849 section 3.3)
REQUEST_TOKEN = 512  # OAuth 1.0a's temporary credentials, which travel in a cookie
FLOW_LIFETIME = 600
LONGEST_FLOW = 3_600  # that an operator may allow
VALUES_LIFETIME = 1_800  # of connection values that wait for their owner to register
FLOW_COOKIES = 3_500  # all flow cookies of one browser together
NEXT_LENGTH = 512
REQUEST = 1_048_576  # the body of a request to one of our routes

# One call to a provider, and all calls of one request together.
CONNECT_TIMEOUT = 3.0
READ_TIMEOUT = 8.0
CALL_TIMEOUT = 12.0
REQUEST_TIMEOUT = 15.0
LONGEST_WAIT = 60  # that an operator may allow for any of the four
BODY = 1_048_576
STRANGERS_BODY = 16_777_216  # what an API may answer whose host a tenant or a visitor named

# What is kept of a provider source's answers.
PROVIDER_SOURCE_MAX_AGE = 300
LONGEST_MAX_AGE = 86_400  # that an operator may allow
NO_PROVIDER_MAX_AGE = 60  # where the answer was that there is none, or it was of no use
SOURCED_PROVIDERS = 1_000  # and as many ids that are none

# What visitors cause who name an instance where the application has to register first.
REGISTRATIONS_PER_HOUR = 60
INSTANCES = 500  # whose addresses are kept in mind
REDIRECT_URIS = 10  # of one registration

# What is kept of a provider's metadata and keys.
METADATA_FRESH = 3_600
METADATA_STALE = 86_400
REFETCH_INTERVAL = 60

# What a provider's answer may hold.
CLOCK_SKEW = 60
JSON_DEPTH = 32
JSON_MEMBERS = 2_000
ID_TOKEN = 65_536
ID_TOKEN_HEADER = 4_096
ACCESS_TOKEN = 65_536
CLIENT = 1_024  # an id or a secret that a registration gives
SUBJECT = 255
NAME = 255
EMAIL = 254
LINK = 2_000
RETRY_AFTER = 3_600
LOGGED = 200  # characters of a provider's text in one log line

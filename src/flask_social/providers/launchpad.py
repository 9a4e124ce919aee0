"""Launchpad -- https://help.launchpad.net/YourAccount/OpenID

There is nothing to register: ``SOCIAL_LAUNCHPAD = {}`` is enough. It tells addresses that it has
checked alone. Its API speaks a protocol of its own.
"""

from ..protocols.calls import from_token
from ..protocols.identity import fields
from ..protocols.openid2 import OpenID2

provider = OpenID2(
    id="launchpad", name="Launchpad", color="#E95420",
    proofs=(),
    authorize_url="https://login.ubuntu.com/+openid",
    claimed_id=r"https://login\.(?:launchpad\.net|ubuntu\.com)/\+id/[A-Za-z0-9]+",
    sreg=("nickname", "email", "fullname"),
    api_url="https://api.launchpad.net/1.0/",
    profile=from_token,
    identity=fields(
        subject="subject", username='["sreg.nickname"]', name='["sreg.fullname"]',
        email='["sreg.email"]', profile_url='https://launchpad.net/~{["sreg.nickname"]}',
    ),
    email_trust="always",
)

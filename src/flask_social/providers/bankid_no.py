"""BankID -- https://developer.bankid.no/bankid-oidc-provider/getting-started/"""

from ..protocols.oidc import OIDC

provider = OIDC(
    id="bankid_no", name="BankID", console="https://www.bankid.no/",
    issuer="https://auth.bankid.no/auth/realms/prod",
    scopes=("openid", "profile"),
    email_trust="never", refreshes=False,
)

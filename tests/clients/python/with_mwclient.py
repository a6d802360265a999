"""mwclient: logs in with a bot password and, as a second client object, with the account's own password."""

from urllib.parse import urlsplit

from mwclient import Site
from mwclient.errors import APIError, LoginError

import flow


def connect():
    url = urlsplit(flow.API)
    return Site(url.netloc, path=url.path.removesuffix("api.php"), scheme=url.scheme, max_retries=0)


site = connect()
flow.expect("a stranger is anonymous, under their address", (site.username, site.logged_in), ("127.0.0.1", False))
flow.expect_site(site.site, site.namespaces.items())
flow.expect("a stranger's token", site.get_token("csrf"), flow.STRANGERS_TOKEN)

error = flow.raised(LoginError, lambda: connect().login(flow.APP, "not" + flow.APP_PASSWORD))
flow.expect("a wrong password is a LoginError", (error.code, error.info), ("Failed", flow.WRONG_PASSWORD))
error = flow.raised(LoginError, lambda: connect().clientlogin(username=flow.USER, password="wrong"))
seen = (error.code, error.info)
flow.expect("a wrong password is a LoginError by clientlogin too", seen, ("FAIL", flow.WRONG_PASSWORD_CLIENTLOGIN))

site.login(flow.APP, flow.APP_PASSWORD)
flow.expect("the bot password logs in", (site.username, site.logged_in), (flow.USER, True))
flow.expect("the user is in the groups and has the rights", ("user" in site.groups, "read" in site.rights), (True, True))
flow.expect_token("a user's token", site.get_token("csrf", force=True))

flow.expect(
    "a bounce becomes a job",
    dict(site.post("bouncehandler", email=flow.BOUNCE)["bouncehandler"]),
    {"submitted": "job"},
)
flow.expect(
    "a mail to somebody else is a failure",
    dict(site.post("bouncehandler", email=flow.REFUSED)["bouncehandler"]),
    {"submitted": "failure"},
)
for sentence, call, wanted in (
    ("no mail is an APIError", lambda: site.post("bouncehandler"), flow.MISSINGPARAM),
    ("GET is an APIError", lambda: site.get("bouncehandler", email="x"), flow.MUSTBEPOSTED),
    ("an unknown action is an APIError", lambda: site.post("nosuchaction"), flow.BADVALUE),
):
    flow.expect(sentence, flow.code_and_info(flow.raised(APIError, call)), wanted)

site.post("logout", token=site.get_token("csrf"))
site.site_init()
flow.expect("after logout the client is a stranger again", (site.username, site.logged_in), ("127.0.0.1", False))

other = connect()
other.clientlogin(username=flow.USER, password=flow.PASSWORD)
other.site_init()
flow.expect("clientlogin logs in", (other.username, other.logged_in), (flow.USER, True))
flow.end(jobs=1)

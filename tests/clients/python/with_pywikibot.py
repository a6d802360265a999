"""Pywikibot: reads paraminfo before it asks, and sends nearly everything by POST as long as the URL is http."""

import os

os.environ["PYWIKIBOT_NO_USER_CONFIG"] = "2"
os.environ["PYWIKIBOT_DIR"] = os.getcwd()

import pywikibot  # noqa: E402
from pywikibot.data.api import Request  # noqa: E402
from pywikibot import config  # noqa: E402
from pywikibot.exceptions import APIError, NoUsernameError  # noqa: E402
from pywikibot.family import AutoFamily  # noqa: E402

import flow  # noqa: E402

# Nothing is tried again, and no throttle waits between requests.
config.max_retries = 0
config.put_throttle = config.minthrottle = config.maxthrottle = 0
config.password_file = os.path.abspath("passwords")
config.usernames["fakewiki"]["fakewiki"] = flow.USER

site = pywikibot.Site("fakewiki", AutoFamily("fakewiki", flow.API))


def log_in(password):
    """Logs in as Pywikibot's users do: with a password from the file of passwords."""
    with open(config.password_file, "w", encoding="utf-8") as file:
        file.write(f"({flow.USER!r}, {password})\n")
    site.login()
    return site.logged_in()


def call(use_get=False, **parameters):
    config.enable_GET_without_SSL = use_get
    return Request(site=site, use_get=use_get, parameters=parameters).submit()


flow.expect("a stranger is anonymous", (site.userinfo["id"], "anon" in site.userinfo), (0, True))
flow.expect_site(site.siteinfo["general"], [(number, names.custom_name) for number, names in site.namespaces.items()])
tokens = call(action="query", meta="tokens")["query"]["tokens"]
flow.expect("a stranger's token", tokens["csrftoken"], flow.STRANGERS_TOKEN)

error = flow.raised(NoUsernameError, lambda: log_in("'wrong'"))
flow.expect("a wrong password is a NoUsernameError", str(error), f"FAIL on {site}: {flow.WRONG_PASSWORD_CLIENTLOGIN}")
flow.expect("clientlogin logs in", log_in(repr(flow.PASSWORD)), True)
site.logout()
flow.expect("logout makes it a stranger", (site.logged_in(), "anon" in site.userinfo), (False, True))

suffix = flow.APP.partition("@")[2]
flow.expect("the bot password logs in", log_in(f"BotPassword({suffix!r}, {flow.APP_PASSWORD!r})"), True)
flow.expect("the user is known by name", (site.user(), site.userinfo["name"]), (flow.USER, flow.USER))
flow.expect("the user is in the groups and has the rights", (site.has_group("user"), site.has_right("read")), (True, True))
flow.expect_token("a user's token", site.tokens["csrf"])

flow.expect(
    "a bounce becomes a job",
    call(action="bouncehandler", email=flow.BOUNCE),
    {"bouncehandler": {"submitted": "job"}},
)
flow.expect(
    "a mail to somebody else is a failure",
    call(action="bouncehandler", email=flow.REFUSED),
    {"bouncehandler": {"submitted": "failure"}},
)
for sentence, refused, wanted in (
    ("no mail is an APIError", lambda: call(action="bouncehandler"), flow.MISSINGPARAM),
    ("GET is an APIError", lambda: call(use_get=True, action="bouncehandler", email="x"), flow.MUSTBEPOSTED),
    ("an unknown action is an APIError", lambda: call(action="nosuchaction"), flow.BADVALUE),
):
    flow.expect(sentence, flow.code_and_info(flow.raised(APIError, refused)), wanted)

site.logout()
flow.expect("after logout the client is a stranger again", (site.logged_in(), "anon" in site.userinfo), (False, True))
flow.end(jobs=1)

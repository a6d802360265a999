"""mwapi for Python: its login is clientlogin, its logout sends no token; its answers come in both format versions."""

from urllib.parse import urlsplit

import mwapi
from mwapi.errors import APIError, LoginError

import flow

url = urlsplit(flow.API)


def connect(**options):
    host = f"{url.scheme}://{url.netloc}"
    return mwapi.Session(host, api_path=url.path, user_agent="bouncehandlerd client tests", **options)


def userinfo(session):
    return session.get(action="query", meta="userinfo", uiprop="groups|rights")["query"]["userinfo"]


def csrf(session):
    return session.get(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]


session = connect()
stranger = userinfo(session)
flow.expect("a stranger is anonymous", (stranger["id"], stranger.get("anon")), (0, ""))
site = session.get(action="query", meta="siteinfo", siprop="general|namespaces")["query"]
flow.expect_site(site["general"], [(n["id"], n["*"]) for n in site["namespaces"].values()])
modern = connect(formatversion=2).get(action="query", meta="siteinfo", siprop="namespaces")["query"]
flow.expect("format version 2 has other names", modern["namespaces"]["2"]["name"], "User")
flow.expect("a stranger's token", csrf(session), flow.STRANGERS_TOKEN)

error = flow.raised(LoginError, lambda: connect().login(flow.USER, "wrong"))
flow.expect("a wrong password is a LoginError", str(error), f"FAIL -- {flow.WRONG_PASSWORD_CLIENTLOGIN}")

answer = session.login(flow.USER, flow.PASSWORD)
flow.expect("clientlogin logs in", answer, {"status": "PASS", "username": flow.USER})
user = userinfo(session)
flow.expect("the user is known by name", (user["name"], user.get("anon")), (flow.USER, None))
flow.expect("the user is in the groups and has the rights", ("user" in user["groups"], "read" in user["rights"]), (True, True))
flow.expect_token("a user's token", csrf(session))
pages = list(session.get(action="query", meta="siteinfo", continuation=True))
flow.expect("continuation ends after one answer", len(pages), 1)

flow.expect(
    "a bounce becomes a job",
    session.post(action="bouncehandler", email=flow.BOUNCE),
    {"bouncehandler": {"submitted": "job"}},
)
flow.expect(
    "a mail to somebody else is a failure",
    session.post(action="bouncehandler", email=flow.REFUSED),
    {"bouncehandler": {"submitted": "failure"}},
)
for sentence, call, wanted in (
    ("no mail is an APIError", lambda: session.post(action="bouncehandler"), flow.MISSINGPARAM),
    ("GET is an APIError", lambda: session.get(action="bouncehandler", email="x"), flow.MUSTBEPOSTED),
    ("an unknown action is an APIError", lambda: session.post(action="nosuchaction"), flow.BADVALUE),
):
    flow.expect(sentence, flow.code_and_info(flow.raised(APIError, call)), wanted)

error = flow.raised(APIError, session.logout)
flow.expect("logout without a token is refused", error.code, "missingparam")
flow.expect("and leaves the user logged in", userinfo(session)["name"], flow.USER)
flow.expect("logout with the token", session.post(action="logout", token=csrf(session)), {})
flow.expect("after logout the client is a stranger again", userinfo(session).get("anon"), "")
flow.end(jobs=1)

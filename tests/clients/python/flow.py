"""What the scripts of the Python clients share: what the runner tells them, and how a check is reported."""

import os
import re

API = os.environ["WIKI_API"]
SITENAME = os.environ["WIKI_SITENAME"]
GENERATOR = os.environ["WIKI_GENERATOR"]
USER = os.environ["WIKI_USER"]
PASSWORD = os.environ["WIKI_PASSWORD"]
APP = os.environ["WIKI_APP"]
APP_PASSWORD = os.environ["WIKI_APP_PASSWORD"]
WRONG_PASSWORD = os.environ["SAYS_WRONG_PASSWORD"]
WRONG_PASSWORD_CLIENTLOGIN = os.environ["SAYS_WRONG_PASSWORD_CLIENTLOGIN"]
MISSINGPARAM = ("missingparam", os.environ["SAYS_MISSINGPARAM"])
MUSTBEPOSTED = ("mustbeposted", os.environ["SAYS_MUSTBEPOSTED"])
BADVALUE = ("badvalue", os.environ["SAYS_BADVALUE"])
STRANGERS_TOKEN = "+\\"


def mail(variable):
    """A mail that the runner has made, as text."""
    with open(os.environ[variable], encoding="utf-8", newline="") as file:
        return file.read()


BOUNCE = mail("MAIL_BOUNCE")
REFUSED = mail("MAIL_REFUSED")


def expect(sentence, seen, wanted):
    """Reports a check: what was seen should equal what is wanted."""
    if seen == wanted:
        print("ok", sentence, flush=True)
    else:
        print(f"not ok {sentence}: {seen!r} instead of {wanted!r}", flush=True)


def expect_token(sentence, token):
    """Reports whether this is the token of somebody who has a session."""
    good = re.fullmatch(r"[0-9a-f]{40}\+\\", token)
    expect(sentence, token, token if good else "40 hexadecimal digits and +\\")


def expect_site(general, namespaces):
    """Reports whether the site information is the wiki's; namespaces are pairs of number and name."""
    expect("siteinfo names the wiki", general["sitename"], SITENAME)
    expect("siteinfo names the version", general["generator"][: len(GENERATOR)], GENERATOR)
    names = dict(namespaces)
    expect("siteinfo names the namespaces", [names[n] for n in (0, 1, 2, 10)], ["", "Talk", "User", "Template"])


def raised(kind, call):
    """The exception of this kind that a call raises; when it raises none, what came instead."""
    try:
        answer = call()
    except kind as error:
        return error
    return f"no {kind.__name__} but {answer!r}"


def code_and_info(error):
    """What an API exception says; mwclient, mwapi and Pywikibot all call the two parts so."""
    return (error.code, error.info) if isinstance(error, Exception) else error


def end(jobs):
    """Says that the script came to its end, and how many jobs it has queued."""
    print("end", jobs, flush=True)

#!/usr/bin/env bash
# curl: no library, but the way in which mail servers and people ask. Bounces by all the roads that curl offers.
set -uo pipefail

jar=cookies
strangers_token='+\'

expect() {
    if [[ $2 == "$3" ]]; then
        echo "ok $1"
    else
        echo "not ok $1: $2 instead of $3"
    fi
}

ask() {
    curl --silent --show-error --max-time 30 --cookie "$jar" --cookie-jar "$jar" "$@" "$WIKI_API"
}

# The value at a path in JSON that is read from standard input, as text; "none" if there is none.
at() {
    python3 -c '
import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1:]:
    value = value.get(key, "none") if isinstance(value, dict) else "none"
print(value)' "$@"
}

query() {
    ask --get --data action=query --data format=json "$@"
}

token() {
    query --data meta=tokens --data type="$1" | at query tokens "$1token"
}

log_in() {
    ask --data action=login --data format=json --data-urlencode "lgname=$WIKI_APP" --data-urlencode "lgpassword=$1" \
        --data-urlencode "lgtoken=$(token login)"
}

# What comes of a bounce that is sent with these options of curl.
submit() {
    ask --data action=bouncehandler --data format=json "$@" | at bouncehandler submitted
}

error() {
    local answer
    answer=$(ask --data format=json "$@")
    echo "$(at error code <<< "$answer"): $(at error info <<< "$answer")"
}

expect 'a stranger is anonymous' "$(query --data meta=userinfo | at query userinfo id)" 0
site=$(query --data meta=siteinfo --data siprop='general|namespaces')
expect 'siteinfo names the wiki' "$(at query general sitename <<< "$site")" "$WIKI_SITENAME"
generator=$(at query general generator <<< "$site")
expect 'siteinfo names the version' "${generator:0:${#WIKI_GENERATOR}}" "$WIKI_GENERATOR"
expect 'siteinfo names the namespaces' "$(at query namespaces 2 '*' <<< "$site")" User
expect "a stranger's token" "$(token csrf)" "$strangers_token"

answer=$(log_in "not$WIKI_APP_PASSWORD")
expect 'a wrong password is a result Failed' "$(at login result <<< "$answer"): $(at login reason <<< "$answer")" \
    "Failed: $SAYS_WRONG_PASSWORD"
expect 'the bot password logs in' "$(log_in "$WIKI_APP_PASSWORD" | at login result)" Success
expect 'the user is known by name' "$(query --data meta=userinfo | at query userinfo name)" "$WIKI_USER"
token=$(token csrf)
expect "a user's token" "$(grep -cxE '[0-9a-f]{40}\+\\' <<< "$token") $token" "1 $token"

mail="email@$MAIL_BOUNCE"
expect 'a form is a job' "$(submit --data-urlencode "$mail")" job
expect 'a form of HTTP 1.0 is a job' "$(submit --http1.0 --data-urlencode "$mail")" job
expect 'a form without a length is a job' "$(submit --header 'Transfer-Encoding: chunked' --data-urlencode "$mail")" job
multipart=$(ask --form action=bouncehandler --form format=json --form "email=<$MAIL_BOUNCE")
expect 'multipart is a job' "$(at bouncehandler submitted <<< "$multipart")" job
{ cat "$MAIL_BOUNCE" && head --bytes=1100000 /dev/zero | tr '\0' x; } > large.eml
expect 'a form of a megabyte, which curl announces, is a job' "$(submit --data-urlencode email@large.eml)" job
expect 'a mail to somebody else is a failure' "$(submit --data-urlencode "email@$MAIL_REFUSED")" failure

expect 'no mail is an error' "$(error --data action=bouncehandler)" "missingparam: $SAYS_MISSINGPARAM"
file=$(ask --form action=bouncehandler --form format=json --form "email=@$MAIL_BOUNCE")
expect 'a file is no parameter' "$(at error code <<< "$file")" missingparam
expect 'GET is an error' "$(error --get --data action=bouncehandler --data email=x)" "mustbeposted: $SAYS_MUSTBEPOSTED"
expect 'an unknown action is an error' "$(error --data action=nosuchaction)" "badvalue: $SAYS_BADVALUE"

expect 'logout with the token' "$(ask --data action=logout --data format=json --data-urlencode "token=$token")" '{}'
expect 'after logout the client is a stranger again' "$(query --data meta=userinfo | at query userinfo id)" 0
echo 'end 5'

"""How fast flufl.bounce reads mails: `read_flufl.py SECONDS < names of files`; prints mails and seconds."""

import email
import sys
import time

from flufl.bounce import all_failures

mails = []
for name in sys.stdin.read().splitlines():
    with open(name, "rb") as file:
        mails.append(file.read())

least = float(sys.argv[1])
done = 0
began = time.perf_counter()
while done == 0 or time.perf_counter() - began < least:
    for mail in mails:
        try:
            all_failures(email.message_from_bytes(mail))
        except Exception:  # A mail that it cannot read took its time, too.
            pass
    done += len(mails)
print(done, time.perf_counter() - began)

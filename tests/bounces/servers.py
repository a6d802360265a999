"""What is to be read out of the bounces that six mail servers made of the same cases.

Every case is one thing that happened to the mail, so the same must be read whatever the server writes; where a server
knows less or means something else, its mail says so, and the rule here looks at that text.
"""
import re

# A case: kind, hard, the reasons that fit, enhanced status, SMTP code.
FAILED = {
    'unknown-user': ('permanent', True, ('mailbox-unknown',), '5.1.1', '550'),
    # A full mailbox is refused for good here (552), yet its owner may come back: never hard.
    'mailbox-full': ('permanent', False, ('mailbox-full',), '5.2.2', '552'),
    # Exim and DragonFly try, the others see from SIZE that it is too large, and have no reply to show.
    'message-too-large': ('permanent', False, ('too-large',), '5.3.4', '552'),
    'relay-denied': ('permanent', False, ('relay-denied', 'policy'), '5.7.1', '554'),
    # No server answered; the code is the sending server's own, and so is the status.
    'dns-failure': ('permanent', True, ('host-unknown',), None, None),
    # "our system has detected that this message is likely unsolicited mail"
    'policy-multiline': ('permanent', False, ('blocked', 'policy', 'content'), '5.7.1', '550'),
    # "No such person at this address", no enhanced code
    'plain-550-no-enhanced-code': ('permanent', True, ('mailbox-unknown',), None, '550'),
    # "Message content rejected by policy"
    'rejected-after-data': ('permanent', False, ('content', 'policy', 'blocked'), '5.7.1', '554'),
    'deferred-expired': ('temporary', False, ('expired', 'system'), '4.3.0', '451'),
    'mailbox-full-4xx-expired': ('temporary', False, ('mailbox-full', 'expired'), '4.2.2', '452'),
    'connection-refused-expired': ('temporary', False, ('expired', 'system'), None, None),
    'partial-two-recipients': ('permanent', True, ('mailbox-unknown',), '5.1.1', '550'),
    # One is unknown, the other's mailbox is full: either is the mail's reason, and one of them is dead.
    'two-failed-recipients': ('permanent', True, ('mailbox-unknown', 'mailbox-full'), None, None),
}

# While a server still tries, nothing is hard, and why it waits is all the mail can say. Exim does not say it of a
# refused connection.
DELAYED = {
    'deferred-expired': (('system', 'expired'), '4.3.0', '451'),
    'mailbox-full-4xx-expired': (('mailbox-full', 'expired'), '4.2.2', '452'),
    'connection-refused-expired': (('system', 'expired', None), None, None),
}

# This sendmail took the domain for its own and asked nobody: what it says is nothing about the address.
OWN_MISTAKE = 'Local configuration error'


def compatible(answer, recorded):
    """Differences from what the extension reads; it was recorded with its words for the headers."""
    ours = answer.get('compatible')
    if ours is None:
        return 'no verdict'
    reads = recorded['extension_reads']
    wrong = []
    if ours['permanent'] != recorded['counts_as_permanent']:
        wrong.append(f"permanent {ours['permanent']}")
    for field, word in (('to', 'to'), ('status', 'status'), ('smtp_code', 'smtp-code'),
                        ('x_failed_recipients', 'x-failed-recipients')):
        if ours[field] != reads.get(word):
            wrong.append(f'{field} {ours[field]!r}, the extension {reads.get(word)!r}')
    return '; '.join(wrong)


def strict(answer, mail, case, file):
    """Differences from what the case and the mail say."""
    delay = file.endswith('.delay.eml')
    report = mail_without_returned_part(mail)
    kinds, hard, reasons, status, code = wanted(report, case, delay)
    wrong = []

    def check(field, accepted):
        if answer.get(field) not in accepted:
            wrong.append(f'{field} {answer.get(field)!r}, not {sorted(map(str, accepted))}')

    check('kind', kinds)
    check('hard', {hard})
    check('reason', set(reasons))
    check('status', statuses(report, status))
    check('smtp_code', codes(report, code))
    named = failed_recipients(report)
    if set(answer.get('recipients') or []) != named:
        wrong.append(f"recipients {answer.get('recipients')}, not {sorted(named)}")
    return '; '.join(wrong)


def wanted(report, case, delay):
    if delay:
        return ({'delayed'}, False, *DELAYED[case])
    if OWN_MISTAKE in report:
        return {'permanent'}, False, ('system', 'other', 'host-unknown'), '5.3.5', '554'
    if case == 'two-failed-recipients' and len(failed_recipients(report)) == 1:
        # DragonFly sends a mail for each.
        case = 'unknown-user' if 'nouser@' in report else 'mailbox-full'
    kind, hard, reasons, status, code = FAILED[case]
    kinds = {kind}
    if kind == 'temporary' and re.search(r'^Status: 5\.', report, re.M):
        # Exim says 5.0.0 once it has given up: a status of class 5 wins, yet the address may live.
        kinds.add('permanent')
    return kinds, hard, reasons, status, code


def mail_without_returned_part(mail):
    """Up to the mail that came back: a third part, or what follows DragonFly's "Message headers follow"."""
    end = re.search(r'^Content-Type: (message/rfc822|text/rfc822-headers)|^Message (headers|body) follows?', mail, re.M | re.I)
    return mail[:end.start()] if end else mail


def statuses(report, status):
    """The case's own, if the mail has it, or what the report's fields say; with neither, none can be known."""
    found = set(re.findall(r'^Status: (\d\.\d+\.\d+)', report, re.M))
    if status and status in report:
        found.add(status)
    elif not status:
        found |= set(re.findall(r'\b[245]\d\d[ -]([245]\.\d\.\d)\b', report))
    return found or {None}


def codes(report, code):
    found = set(re.findall(r'\b([245]\d\d)[ -](?:\d\.\d\.\d|No such)', report))
    if code and code in found:
        return {code}
    return found or {None}


def failed_recipients(report):
    fields = re.findall(r'^Final-Recipient: *rfc822; *(\S+)', report, re.M | re.I)
    return set(fields or re.findall(r'error delivering your mail to <([^>]+)>', report))

"""How well labelled mails are read, and how well they have to be."""

NO_FAILURE = ('not-a-bounce', 'vacation', 'feedback', 'challenge', 'delayed', 'delivered', 'relayed', 'expanded')

# In per cent, at least.
AIMS = (
    ('passed', 99.0),
    ('permanent precision', 99.5),
    ('permanent recall', 99.5),
    ('hard precision', 99.0),
    ('hard recall', 96.0),
    ('status', 98.0),
    ('smtp_code', 98.0),
    ('reason', 96.0),
)


def measure(title, labels, answers, count, verbose):
    """Counts each aim as a case, and says how many mails passed."""
    share = {name: [0, 0] for name, _ in AIMS}

    def add(name, right):
        share[name][0] += bool(right)
        share[name][1] += 1

    wrongly_permanent = []
    for label in labels:
        answer = answers.get(label['file'], {})
        wrong = differences(label, answer)
        if verbose or 'kind' in wrong or 'recipients' in wrong:
            report(label, answer, wrong)
        add('passed', 'kind' not in wrong and 'recipients' not in wrong)
        for field in ('status', 'smtp_code', 'reason'):
            if label[field] is not None:
                add(field, field not in wrong)
        if not label['kind_alt'] and label['kind'] != 'unknown':
            both_ways(add, 'permanent', label['kind'] == 'permanent', answer.get('kind') == 'permanent')
        if label['hard'] is not None:
            both_ways(add, 'hard', label['hard'], bool(answer.get('hard')))
        accepted = [label['kind'], *label['kind_alt']]
        if label['kind'] in NO_FAILURE and answer.get('kind') == 'permanent' and 'permanent' not in accepted:
            wrongly_permanent.append(label['file'])
    for name, least in AIMS:
        judge(title, name, least, share[name], count)
    count.case(title + ': no mail that is not a failure is called permanent', ', '.join(wrongly_permanent))
    return share['passed'][0]


def both_ways(add, name, true, said):
    """Precision looks at what was said, recall at what is so."""
    if said:
        add(name + ' precision', true)
    if true:
        add(name + ' recall', said)


def judge(title, name, least, share, count):
    right, of = share
    if of == 0:
        count.case(f'{title}: {name}', 'there was nothing to measure')
        return
    reached = 100 * right / of
    print(f'{title}: {name} {reached:.2f} % ({right} of {of}), at least {least} %')
    count.case(f'{title}: {name}', '' if reached >= least else f'{reached:.2f} % are less than {least} %')


def differences(label, answer):
    """The fields that are not as the label or one of its alternatives says."""
    wrong = set()
    if answer.get('kind') not in [label['kind'], *label['kind_alt']]:
        wrong.add('kind')
    if label['recipients_scored'] and not right_recipients(label, answer):
        wrong.add('recipients')
    for field in ('status', 'smtp_code', 'reason'):
        if label[field] is not None and answer.get(field) not in [label[field], *label[field + '_alt']]:
            wrong.add(field)
    if label['hard'] is not None and bool(answer.get('hard')) != label['hard']:
        wrong.add('hard')
    return wrong


def right_recipients(label, answer):
    said = {address.lower() for address in answer.get('recipients') or []}
    ways = [{one, *label['recipients_alt'].get(one, [])} for one in label['recipients']]
    allowed = set(label['recipients_optional']).union(*ways)
    return all(way & said for way in ways) and said <= allowed


def report(label, answer, wrong):
    for field in sorted(wrong):
        print(f"differs: {label['file']}: {field}: the label {label[field]!r}, read {answer.get(field)!r}")

// m3api: has no login of its own, but fetches tokens and keeps sessions. Errors come as plain text in format version 2.
import Session, { ApiErrors, set } from 'm3api';
import * as flow from './flow.js';

const connect = () => new Session(flow.api.href, { formatversion: 2, errorformat: 'plaintext' }, { userAgent: flow.agent });
const post = { method: 'POST' };

function logIn(session, password) {
    const options = { ...post, tokenType: 'login', tokenName: 'lgtoken' };
    return session.request({ action: 'login', lgname: flow.app, lgpassword: password }, options);
}

function clientLogIn(session, password) {
    const options = { ...post, tokenType: 'login', tokenName: 'logintoken' };
    const loginreturnurl = 'https://wiki.example.org/';
    return session.request({ action: 'clientlogin', username: flow.user, password, loginreturnurl }, options);
}

async function userinfo(session, more = {}) {
    const answer = await session.request({ action: 'query', meta: set('userinfo'), uiprop: set('groups', 'rights'), ...more });
    return answer.query.userinfo;
}

async function expectError(sentence, call, code, text) {
    const error = await flow.raised(ApiErrors, call);
    flow.expect(sentence, error.errors?.map((one) => [one.code, one.text]) ?? error, [[code, text]]);
}

const session = connect();
const stranger = await userinfo(session);
flow.expect('a stranger is anonymous', [stranger.id, stranger.anon], [0, true]);
const { query } = await session.request({ action: 'query', meta: set('siteinfo'), siprop: set('general', 'namespaces') });
flow.expectSite(query.general, query.namespaces, 'name');
flow.expect("a stranger's token", await session.getToken('csrf'), flow.strangersToken);
await expectError(
    'assert=user is an ApiErrors for a stranger',
    () => userinfo(session, { assert: 'user' }),
    'assertuserfailed',
    'You are no longer logged in, so the action could not be completed.',
);

let { login } = await logIn(connect(), `not${flow.appPassword}`);
flow.expect('a wrong password is a result Failed', [login.result, login.reason.text], ['Failed', flow.says.wrongPassword]);
let { clientlogin } = await clientLogIn(connect(), 'wrong');
flow.expect(
    'a wrong password is a FAIL by clientlogin',
    [clientlogin.status, clientlogin.messagecode, clientlogin.message],
    ['FAIL', 'wrongpassword', flow.says.wrongPasswordClientlogin],
);

({ login } = await logIn(session, flow.appPassword));
session.tokens.clear();
flow.expect('the bot password logs in', [login.result, login.lgusername], ['Success', flow.user]);
const user = await userinfo(session, { assert: 'user' });
flow.expect('the user is known by name', [user.name, user.anon, user.groups.includes('user'), user.rights.includes('read')],
    [flow.user, undefined, true, true]);
flow.expectToken("a user's token", await session.getToken('csrf'));

const submit = (email) => session.request({ action: 'bouncehandler', email }, post);
flow.expect('a bounce becomes a job', await submit(flow.bounce), { bouncehandler: { submitted: 'job' } });
flow.expect('a mail to somebody else is a failure', await submit(flow.refused), { bouncehandler: { submitted: 'failure' } });
await expectError('no mail is an ApiErrors', () => submit(null), 'missingparam', flow.says.missingparam);
await expectError('GET is an ApiErrors', () => session.request({ action: 'bouncehandler', email: 'x' }), 'mustbeposted',
    flow.says.mustbeposted);
await expectError('an unknown action is an ApiErrors', () => session.request({ action: 'nosuchaction' }, post), 'badvalue',
    flow.says.badvalue);

flow.expect('logout with the token', await session.request({ action: 'logout' }, { ...post, tokenType: 'csrf' }), {});
flow.expect('after logout the client is a stranger again', (await userinfo(session)).anon, true);

const other = connect();
({ clientlogin } = await clientLogIn(other, flow.password));
flow.expect('clientlogin logs in', clientlogin, { status: 'PASS', username: flow.user });
flow.expect('and keeps the session', (await userinfo(other)).name, flow.user);
flow.end(1);

// mwn: logs in with a bot password, asks for all kinds of tokens at once, and sends long values as multipart.
import { Mwn } from 'mwn';
import * as flow from './flow.js';

const connect = (password) => new Mwn({
    apiUrl: flow.api.href,
    username: flow.app,
    password,
    userAgent: flow.agent,
    silent: true,
    suppressAPIWarnings: true,
    maxRetries: 1,
    retryPause: 0,
});
const post = { method: 'post' };

async function expectError(sentence, call, code, info) {
    const error = await flow.raised(Mwn.Error, call);
    flow.expect(sentence, error instanceof Mwn.Error ? [error.code, error.info] : error, [code, info]);
}

const bot = connect(flow.appPassword);
const stranger = await bot.userinfo();
flow.expect('a stranger is anonymous', [stranger.id, stranger.anon], [0, true]);
const { query } = await bot.query({ meta: 'siteinfo', siprop: ['general', 'namespaces'] });
flow.expectSite(query.general, query.namespaces, 'name');
await bot.getSiteInfo();
flow.expect('titles are read by the namespaces of the wiki', bot.Title.newFromText('user talk:bob').getPrefixedText(), 'User talk:Bob');
await bot.getTokens();
flow.expect("a stranger's token", bot.csrfToken, flow.strangersToken);

const error = await flow.raised(Mwn.Error, () => connect(`not${flow.appPassword}`).login());
flow.expect('a wrong password is an error', [error.code, error.message],
    ['mwn_failedlogin', `Failed: ${flow.says.wrongPassword}`]);

flow.expect('the bot password logs in', [(await bot.login()).lgusername, bot.loggedIn], [flow.user, true]);
const user = await bot.userinfo({ uiprop: ['groups', 'rights'] });
flow.expect('the user is known by name', [user.name, user.groups.includes('user'), user.rights.includes('read')],
    [flow.user, true, true]);
flow.expectToken("a user's token", await bot.getCsrfToken());
const time = await bot.getServerTime();
flow.expect('the time of the server is a time', Number.isNaN(Date.parse(time)), false);

const submit = (email) => bot.request({ action: 'bouncehandler', email }, post);
flow.expect('a bounce becomes a job', await submit(flow.bounce), { bouncehandler: { submitted: 'job' } });
const long = flow.bounce + 'x'.repeat(70).concat('\n').repeat(200);
flow.expect('a long bounce, as multipart, becomes a job', await submit(long), { bouncehandler: { submitted: 'job' } });
flow.expect('a mail to somebody else is a failure', await submit(flow.refused), { bouncehandler: { submitted: 'failure' } });
await expectError('no mail is an error', () => bot.request({ action: 'bouncehandler' }, post), 'missingparam',
    flow.says.missingparam);
await expectError('GET is an error', () => bot.request({ action: 'bouncehandler', email: 'x' }, { method: 'get' }),
    'mustbeposted', flow.says.mustbeposted);
await expectError('an unknown action is an error', () => bot.request({ action: 'nosuchaction' }, post), 'badvalue',
    flow.says.badvalue);

// A token that has grown old is replaced by one that paraminfo names the kind of, and the request is sent again.
bot.csrfToken = '0'.repeat(40) + '+\\';
await bot.logout();
flow.expect('logout with an old token is repeated with a new one', bot.loggedIn, false);
flow.expect('after logout the client is a stranger again', (await bot.userinfo()).anon, true);
flow.end(2);

// nodemw: logs in without fetching a token first, and knows errors by their text alone.
import { promisify } from 'node:util';
import Bot from 'nodemw';
import * as flow from './flow.js';

const connect = () => new Bot({
    protocol: flow.api.protocol.replace(':', ''),
    server: flow.api.hostname,
    port: Number(flow.api.port),
    path: flow.api.pathname.replace('/api.php', ''),
    userAgent: flow.agent,
});
/** A method of the library, as a promise in place of a callback. */
const ask = (bot, method, ...parameters) => promisify(bot[method].bind(bot))(...parameters);
const call = (bot, parameters, method) => promisify((done) => bot.api.call(parameters, done, method))();

async function expectError(sentence, attempt, info) {
    const error = await flow.raised(Error, attempt);
    flow.expect(sentence, error.message ?? error, `Error returned by API: ${info}`);
}

const bot = connect();
const stranger = await ask(bot, 'whoami');
flow.expect('a stranger is anonymous', [stranger.id, stranger.anon], [0, '']);
const site = await ask(bot, 'getSiteInfo', ['general', 'namespaces']);
flow.expectSite(site.general, site.namespaces, '*');
flow.expect('the version is read', (await ask(bot, 'getMediaWikiVersion')).startsWith('1.'), true);
const statistics = await ask(bot, 'getSiteStats');
flow.expect('the number of users is a number', typeof statistics.users, 'number');
flow.expect("a stranger's token", await ask(bot, 'getToken', 'Main Page', 'csrf'), flow.strangersToken);

const error = await flow.raised(Error, () => ask(connect(), 'logIn', flow.app, `not${flow.appPassword}`));
flow.expect('a wrong password is an error', error.message, `Logging in failed: Failed - ${flow.says.wrongPassword}`);

const login = await ask(bot, 'logIn', flow.app, flow.appPassword);
flow.expect('the bot password logs in', [login.result, login.lgusername], ['Success', flow.user]);
const user = await ask(bot, 'whoami');
flow.expect('the user is known by name', [user.name, user.groups.includes('user'), user.rights.includes('read')],
    [flow.user, true, true]);
flow.expect('the user is in the list of users', (await ask(bot, 'whois', flow.user)).name, flow.user);
flow.expectToken("a user's token", await ask(bot, 'getToken', 'Main Page', 'csrf'));

const submit = (email) => call(bot, { action: 'bouncehandler', email }, 'POST');
flow.expect('a bounce becomes a job', await submit(flow.bounce), { submitted: 'job' });
flow.expect('a mail to somebody else is a failure', await submit(flow.refused), { submitted: 'failure' });
await expectError('no mail is an error', () => call(bot, { action: 'bouncehandler' }, 'POST'), flow.says.missingparam);
await expectError('GET is an error', () => call(bot, { action: 'bouncehandler', email: 'x' }), flow.says.mustbeposted);
await expectError('an unknown action is an error', () => call(bot, { action: 'nosuchaction' }, 'POST'), flow.says.badvalue);

const token = await ask(bot, 'getToken', 'Main Page', 'csrf');
await call(bot, { action: 'logout', token }, 'POST');
flow.expect('after logout the client is a stranger again', (await ask(bot, 'whoami')).anon, '');
flow.end(1);

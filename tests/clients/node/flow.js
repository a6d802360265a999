// What the scripts of the JavaScript clients share: what the runner tells them, and how a check is reported.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

const { env } = process;
export const api = new URL(env.WIKI_API);
export const user = env.WIKI_USER;
export const password = env.WIKI_PASSWORD;
export const app = env.WIKI_APP;
export const appPassword = env.WIKI_APP_PASSWORD;
export const says = {
    wrongPassword: env.SAYS_WRONG_PASSWORD,
    wrongPasswordClientlogin: env.SAYS_WRONG_PASSWORD_CLIENTLOGIN,
    missingparam: env.SAYS_MISSINGPARAM,
    mustbeposted: env.SAYS_MUSTBEPOSTED,
    badvalue: env.SAYS_BADVALUE,
};
export const bounce = readFileSync(env.MAIL_BOUNCE, 'utf8');
export const refused = readFileSync(env.MAIL_REFUSED, 'utf8');
export const agent = 'bouncehandlerd client tests';
export const strangersToken = '+\\';

/** Reports a check: what was seen should equal what is wanted. */
export function expect(sentence, seen, wanted) {
    const good = isDeepStrictEqual(seen, wanted);
    console.log(good ? `ok ${sentence}` : `not ok ${sentence}: ${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`);
}

/** Reports whether this is the token of somebody who has a session. */
export function expectToken(sentence, token) {
    const good = /^[0-9a-f]{40}\+\\$/.test(token);
    expect(sentence, token, good ? token : '40 hexadecimal digits and +\\');
}

/** Reports whether the site information is the wiki's; `name` is the key of a namespace's name. */
export function expectSite(general, namespaces, name) {
    expect('siteinfo names the wiki', general.sitename, env.WIKI_SITENAME);
    expect('siteinfo names the version', general.generator.slice(0, env.WIKI_GENERATOR.length), env.WIKI_GENERATOR);
    const names = [0, 1, 2, 10].map((number) => namespaces[number][name]);
    expect('siteinfo names the namespaces', names, ['', 'Talk', 'User', 'Template']);
}

/** The exception of this kind that a call raises; when it raises none, or another, what came instead. */
export async function raised(kind, call) {
    let answer;
    try {
        answer = await call();
    } catch (error) {
        return error instanceof kind ? error : { kind: error.constructor.name, message: error.message };
    }
    return { answer };
}

/** Says that the script came to its end, and how many jobs it has queued. */
export function end(jobs) {
    console.log(`end ${jobs}`);
}

// Plays every kind of login with the built `baton` against a certified authorization server, and prints what came of it.

import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import * as authorizationServer from './server.mjs';
import * as mailServers from './bed.mjs';

const BATON = process.env.BATON ?? path.resolve(import.meta.dirname, '../../target/debug/baton');
const [DANA, CALVIN, OPERATOR] = ['dana@vendor.example', 'calvin@vendor.example', 'ops@vendor.example'];
const keys = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const authorization = await authorizationServer.start(keys.publicKey);
const bed = await mailServers.start(authorization);
const { state } = authorization;
const results = [];
const running = new Set();

function baton(words, { onAddress } = {}) {
  const env = { PATH: process.env.PATH, HOME: bed.work, TZ: 'UTC', PASSWORD: 'secret', APP: 'app-secret-of-sufficient-length' };
  const child = spawn(BATON, words, { cwd: bed.work, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => {
    said.stdout += data;
    if (onAddress && said.stdout.includes('\n')) { onAddress(said.stdout.split('\n')); onAddress = undefined; }
  });
  child.stderr.on('data', (data) => { said.stderr += data; });
  running.add(child);
  const ended = new Promise((done) => child.on('close', (status) => {
    running.delete(child);
    done({ status, ...said });
  }));
  return { child, ended, said };
}

const once = async (...words) => (await baton(words).ended);

function configure(oauth2) {
  const account = (name, address, login) => `[accounts.${name}]
address = "${address}"
imap = "imaps://127.0.0.1:${bed.imap}"
smtp = "smtp+starttls://127.0.0.1:${bed.smtp}"
ca = "${bed.home}/ca.pem"
${login}
`;
  fs.writeFileSync(path.join(bed.work, 'baton.toml'), `database = "baton.db"
[agent]
account = "dana"
operator = "${OPERATOR}"
${account('dana', DANA, 'password = { env = "PASSWORD" }')}${account('calvin', CALVIN, oauth2)}
[[people]]
name = "Dana Fox"
roles = ["sdr"]
address = "${DANA}"
account = "dana"
[[people]]
name = "Calvin Reyes"
roles = ["ae"]
address = "${CALVIN}"
account = "calvin"
`);
  for (const name of fs.readdirSync(bed.work)) {
    if (name.startsWith('baton.db')) fs.rmSync(path.join(bed.work, name), { recursive: true });
  }
}

const CUSTOM = `oauth2 = { custom = { authorize = "${authorization.url}/auth", token = "${authorization.url}/token", device = "${authorization.url}/device/auth", scopes = ["openid", "mail", "offline_access"], client_id = "baton" } }`;

// A browser: follows redirects and keeps cookies.
async function browse(address) {
  const cookies = new Map();
  for (let step = 0; step < 12; step += 1) {
    const answer = await fetch(address, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0].split('=');
      cookies.set(name, value);
    }
    const next = answer.headers.get('location');
    if (!next) return answer.text();
    address = new URL(next, address).toString();
  }
  throw new Error('redirects without end');
}

const login = async (name = 'calvin') => {
  let page;
  const { ended } = baton(['login', name], { onAddress: ([address]) => { page = browse(address); } });
  const ran = await ended;
  await page;
  return ran;
};

const tokens = () => Object.values(JSON.parse(fs.readFileSync(path.join(bed.work, 'baton.db.tokens'))).grants);

function expect(condition, ran) {
  if (!condition) throw new Error(`${ran ? JSON.stringify(ran, null, 1) : ''}`);
}

async function scenario(name, play) {
  bed.forgetLetters(OPERATOR);
  const start = performance.now();
  try {
    const note = (await play()) ?? '';
    results.push({ name, ok: true, note, ms: Math.round(performance.now() - start) });
  } catch (error) {
    results.push({ name, ok: false, note: error.message, ms: Math.round(performance.now() - start) });
  }
  for (const child of running) child.kill('SIGKILL');
  const { ok, note, ms } = results.at(-1);
  console.log(`${ok ? 'ok   ' : 'WRONG'} ${name.padEnd(58)} ${String(ms).padStart(6)} ms  ${note}`);
}

const green = async () => {
  const ran = await once('doctor', '--json');
  expect(ran.status === 0, ran);
};

try {
  configure(CUSTOM);
  await scenario('no grant: status 4, and the command to run', async () => {
    const ran = await once('run', '--once');
    expect(ran.status === 4 && ran.stderr.includes('`baton login calvin`'), ran);
  });
  await scenario('authorization code with PKCE on loopback', async () => {
    const ran = await login();
    expect(ran.status === 0, ran);
    await green();
  });
  await scenario('a revoked token is renewed, refresh tokens rotate', async () => {
    const before = tokens()[0];
    await authorization.revoke([before.access_token]);
    const ran = await once('run', '--once');
    expect(ran.status === 0 && tokens()[0].refresh_token !== before.refresh_token, ran);
  });
  await scenario('a slow endpoint (4 s)', async () => {
    await authorization.revoke([tokens()[0].access_token]);
    state.faults.push({ slow: 4000 });
    const ran = await once('run', '--once');
    expect(ran.status === 0, ran);
  });
  for (const status of [429, 503]) {
    await scenario(`a busy endpoint (${status}) is an outage, not a refused login`, async () => {
      await authorization.revoke([tokens()[0].access_token]);
      state.faults.push({ status });
      const busy = await once('run', '--once');
      expect(busy.status === 4 && !busy.stderr.includes('baton login'), busy);
      state.faults.length = 0;
      const ran = await once('run', '--once');
      expect(ran.status === 0, ran);
    });
  }
  await scenario('a token for something else is refused, renewed once', async () => {
    state.audience = false;
    const before = state.asked.length;
    const ran = await once('run', '--once');
    state.audience = true;
    expect(ran.status === 4 && ran.stderr.includes('refuses the login'), ran);
    expect(state.asked.length - before <= 2, state.asked);
    await green();
  });
  await scenario('a token that ends during IDLE is renewed in silence', async () => {
    state.lifetime = 6;
    await authorization.revoke([tokens()[0].access_token]);
    const agent = baton(['run', '-vv']);
    const reads = () => agent.said.stderr.split('\n').filter((line) => line.includes('read to the present') && line.includes('calvin')).length;
    await mailServers.until('the agent to read', () => reads() > 0);
    const before = reads();
    await new Promise((done) => setTimeout(done, 7000));
    bed.doveadm('kick', CALVIN);
    await mailServers.until('the agent to be back', () => reads() > before);
    agent.child.kill('SIGTERM');
    const ran = await agent.ended;
    state.lifetime = 3600;
    expect(ran.status === 0 && !bed.letters(OPERATOR).some((letter) => letter.includes('login calvin')), ran);
  });
  await scenario('invalid_grant: one letter, and a new consent within 10 s', async () => {
    for (const { access_token: access, refresh_token: refresh } of tokens()) {
      await authorization.revoke([access]);
      await authorization.revokeGrant(refresh);
    }
    const agent = baton(['run', '-vv']);
    await mailServers.until('the letter', () => bed.letters(OPERATOR).some((letter) => letter.includes('login calvin')));
    expect((await login()).status === 0);
    const start = performance.now();
    await mailServers.until('the agent to notice', () => agent.said.stderr.includes('there is a new grant'));
    const noticed = Math.round(performance.now() - start);
    agent.child.kill('SIGTERM');
    const ran = await agent.ended;
    const told = bed.letters(OPERATOR).filter((letter) => letter.includes('login calvin')).length;
    expect(ran.status === 0 && told === 1 && noticed < 10000, ran);
    return `noticed after ${noticed} ms`;
  });
  configure(CUSTOM);
  await scenario('a code for another device', async () => {
    const { ended } = baton(['login', 'calvin', '--device'], { onAddress: (lines) => authorization.approve(new URL(lines[0]).searchParams.get('user_code')) });
    const ran = await ended;
    expect(ran.status === 0, ran);
    await green();
  });
  configure(`oauth2 = { custom = { token = "${authorization.url}/token", client_id = "app", client_secret = { env = "APP" }, scopes = ["mail"] } }`);
  await scenario('an application of its own (client credentials)', green);
  const keyFile = path.join(bed.work, 'key.json');
  fs.writeFileSync(keyFile, JSON.stringify({
    type: 'service_account',
    client_email: 'baton@project.iam.gserviceaccount.com',
    private_key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: `${authorization.url}/token`,
  }), { mode: 0o600 });
  configure('oauth2 = { google = { service_account = "key.json" } }');
  await scenario('a service account (signed assertions)', green);
} finally {
  await bed.stop();
  authorization.stop();
}
process.exit(results.every(({ ok }) => ok) ? 0 : 1);

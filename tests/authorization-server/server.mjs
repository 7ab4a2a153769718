// A certified authorization server on loopback, and what a test may tell it: faults, lifetimes, who signs in.

import http from 'node:http';
import { once } from 'node:events';
import * as jose from 'jose';
import Provider, { errors } from 'oidc-provider';

const ASSERTION = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

export async function start(publicKey) {
  const state = { user: 'calvin@vendor.example', lifetime: 3600, faults: [], audience: true, asked: [] };
  const server = http.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  const native = { token_endpoint_auth_method: 'none', application_type: 'native', scope: 'openid mail offline_access' };
  const provider = new Provider(url, {
    clients: [
      { ...native, client_id: 'baton', redirect_uris: ['http://127.0.0.1'], response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token', DEVICE] },
      { client_id: 'app', client_secret: 'app-secret-of-sufficient-length', redirect_uris: [], response_types: [],
        grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_post', scope: 'mail' },
      { ...native, client_id: 'service', redirect_uris: [], response_types: [], grant_types: [ASSERTION] },
    ],
    scopes: ['openid', 'mail', 'offline_access'],
    features: {
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
    },
    pkce: { required: () => true },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: () => state.lifetime, ClientCredentials: () => state.lifetime,
      ...Object.fromEntries(['DeviceCode', 'Grant', 'IdToken', 'Interaction', 'RefreshToken', 'Session'].map((kind) => [kind, 3600])),
    },
    cookies: { keys: ['only for this test'] },
    jwks: { keys: [await jose.exportJWK((await jose.generateKeyPair('RS256', { extractable: true })).privateKey)] },
  });
  provider.registerGrantType(ASSERTION, async (ctx) => {
    const { payload } = await jose.jwtVerify(ctx.oidc.params.assertion, publicKey, { audience: `${url}/token` })
      .catch(() => { throw new errors.InvalidGrant('the assertion is not signed by the service account'); });
    const token = new provider.AccessToken({ client: ctx.oidc.client, accountId: payload.sub, scope: payload.scope, gty: 'jwt' });
    ctx.body = { access_token: await token.save(), token_type: 'Bearer', expires_in: token.expiration };
  }, ['assertion', 'scope']);

  const grantFor = async (clientId) => {
    const grant = new provider.Grant({ accountId: state.user, clientId });
    grant.addOIDCScope('openid mail offline_access');
    return grant.save();
  };
  // Somebody is signed in already and agrees to everything.
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const { prompt, params } = await provider.interactionDetails(ctx.req, ctx.res);
    const result = prompt.name === 'login'
      ? { login: { accountId: state.user } }
      : { consent: { grantId: await grantFor(params.client_id) } };
    await provider.interactionFinished(ctx.req, ctx.res, result);
    ctx.respond = false;
  });
  const handle = provider.callback();
  server.on('request', async (request, response) => {
    if (request.url.startsWith('/introspect/')) return introspect(request, response);
    if (request.method === 'POST' && request.url === '/token') {
      request.body = await form(request);
      state.asked.push(request.body.grant_type);
      // A service account's assertion names its client in itself (RFC 7523 section 3.1).
      if (request.body.grant_type === ASSERTION) request.body.client_id = 'service';
      const fault = state.faults.shift();
      if (fault?.slow) await new Promise((done) => setTimeout(done, fault.slow));
      if (fault?.status) {
        response.writeHead(fault.status, { 'content-type': 'application/json', 'retry-after': '1' });
        return response.end('{"error":"temporarily_unavailable"}');
      }
    }
    return handle(request, response);
  });

  async function form(request) {
    const parts = [];
    for await (const part of request) parts.push(part);
    return Object.fromEntries(new URLSearchParams(Buffer.concat(parts).toString()));
  }

  async function find(token) {
    return (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token));
  }

  // For Dovecot, which wants to know whose a token is.
  async function introspect(request, response) {
    const token = decodeURIComponent(request.url.slice('/introspect/'.length).split('&')[0]);
    const found = await find(token).catch(() => undefined);
    const active = state.audience && found !== undefined && !found.isExpired;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(active ? { active, username: found.accountId ?? state.user } : { active: false }));
  }

  async function approve(userCode) {
    const code = await provider.DeviceCode.findByUserCode(userCode.replaceAll('-', ''));
    Object.assign(code, { accountId: state.user, grantId: await grantFor('baton'), authTime: Math.floor(Date.now() / 1000), scope: code.params.scope });
    await code.save();
  }

  const revoke = async (tokens) => { for (const token of tokens) await (await find(token))?.destroy(); };
  const revokeGrant = async (refreshToken) => { await (await provider.RefreshToken.find(refreshToken))?.destroy(); };
  return { url, state, approve, revoke, revokeGrant, stop: () => server.close() };
}

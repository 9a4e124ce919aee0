// A real OpenID provider on localhost: npm oidc-provider, its own pages, two people.
//
// The one line on stdout is "ready URL"; the process ends when its stdin does.
// PUT /control with {clients, settings} starts the provider anew; GET /control lists the requests
// since then as {method, path, connection}, where connection numbers the TCP connections.

import { Console } from 'node:console';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

globalThis.console = new Console(process.stderr); // the provider's notices: stdout is ours

const { Provider } = await import('oidc-provider');

const PEOPLE = {
  ada: { name: 'Ada Lovelace', email: 'ada@example.com', email_verified: true },
  grace: { name: 'Grace Hopper', email: 'grace@example.com', email_verified: false },
};

const generated = [
  { alg: 'RS256', pair: generateKeyPairSync('rsa', { modulusLength: 2048 }) },
  { alg: 'ES256', pair: generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
  { alg: 'Ed25519', pair: generateKeyPairSync('ed25519') },
];
const keys = generated.map(({ alg, pair }) => (
  { ...pair.privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `key of ${alg}` }
));

const SETTINGS = {
  jwks: { keys },
  cookies: { keys: ['signs the cookies of one test run'] },
  pkce: { required: () => true },
  claims: {
    profile: ['name', 'preferred_username'],
    email: ['email', 'email_verified'],
  },
  features: { devInteractions: { enabled: true }, jwtUserinfo: { enabled: true } },
  enabledJWA: {
    idTokenSigningAlgValues: ['RS256', 'ES256', 'Ed25519'],
    userinfoSigningAlgValues: ['RS256', 'ES256'],
    clientAuthSigningAlgValues: ['RS256', 'ES256', 'Ed25519'],
  },
  findAccount: (context, id) => PEOPLE[id] && {
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, ...PEOPLE[id] }),
  },
  ttl: { // given, or there is a notice for each
    AccessToken: 3600,
    AuthorizationCode: 600,
    Grant: 3600,
    IdToken: 3600,
    Interaction: 3600,
    Session: 3600,
  },
};

let issuer;
let answer;
let requests;

function start({ clients, settings = {} }) {
  const provider = new Provider(issuer, { ...SETTINGS, ...settings, clients });
  provider.on('server_error', (context, error) => console.error(error));
  answer = provider.callback();
  requests = [];
}

async function control(request, response) {
  if (request.method === 'PUT') start(await json(request));
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(requests));
}

let connections = 0;
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, issuer);
  if (pathname === '/control') {
    control(request, response).catch((error) => response.writeHead(500).end(error.stack));
    return;
  }
  requests.push({ method: request.method, path: pathname, connection: request.socket.number });
  answer(request, response);
});
server.keepAliveTimeout = 0; // a slow machine must not look like a client that reconnects
server.on('connection', (socket) => { connections += 1; socket.number = connections; });
server.listen(0, '127.0.0.1', () => {
  issuer = `http://localhost:${server.address().port}`;
  start({ clients: [] });
  process.stdout.write(`ready ${issuer}\n`);
});

process.stdin.on('end', () => process.exit()).resume();

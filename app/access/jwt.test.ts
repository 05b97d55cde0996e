import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TokenCheck } from './caller.ts';
import { JWT_ALGORITHMS, type JwtOptions, jwtCheck } from './jwt.ts';

const ISSUER = 'https://issuer.example';
const AUDIENCE = 'nearbox';
const { signal } = new AbortController();

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let own: Keys;
let foreign: Keys;
let published: unknown[];
let status: number;
let fetches: number;
let server: Server;
let check: TokenCheck;

beforeAll(async () => {
  own = await generateKeyPair('RS256', { extractable: true });
  foreign = await generateKeyPair('RS256');
});
beforeEach(async () => {
  published = [{ ...(await exportJWK(own.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }];
  status = 200;
  fetches = 0;
  server = createServer((_, response) => {
    fetches += 1;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  check = checkWith();
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function checkWith(options: Partial<JwtOptions> = {}): TokenCheck {
  return jwtCheck({
    jwks: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`),
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['RS256'],
    cloudsClaim: 'clouds',
    writeClaim: 'write',
    clockToleranceSeconds: 10,
    ...options,
  });
}

const seconds = () => Math.floor(Date.now() / 1000);

function claims(change: Readonly<Record<string, unknown>> = {}): JWTPayload {
  const at = seconds();
  return { sub: 'alice', iss: ISSUER, aud: AUDIENCE, iat: at, exp: at + 60, clouds: ['a'], ...change };
}

function signed(
  payload: JWTPayload,
  key: Keys['privateKey'] | Uint8Array = own.privateKey,
  alg = 'RS256',
  kid = 'k1',
) {
  return new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key);
}

const unauthorized = { code: 'unauthorized' };

describe('a token of the issuer', () => {
  it('opens the prefixes of its claim, and is known by its subject', async () => {
    const caller = await check(await signed(claims()), signal);
    expect(caller.name).toBe('jwt:alice');
    expect([caller.clouds.covers('a/b'), caller.clouds.covers('ab')]).toEqual([true, false]);
  });

  it.each([
    ['a text with spaces', 'a b/c', ['a', 'b/c/d'], ['b', 'c']],
    ['a star', ['*'], ['x'], []],
    ['none', undefined, [], ['a']],
    ['a number', 7, [], ['7']],
    ['what climbs', ['../a', 'a'], ['a'], ['../a/b']],
  ])('whose claim is %s', async (_name, clouds, open, closed) => {
    const caller = await check(await signed(claims({ clouds })), signal);
    for (const id of open) expect(caller.clouds.covers(id), id).toBe(true);
    for (const id of closed) expect(caller.clouds.covers(id), id).toBe(false);
  });

  it('may be as much too old or too new as the clocks may differ', async () => {
    await check(await signed(claims({ exp: seconds() - 5 })), signal);
    await check(await signed(claims({ nbf: seconds() + 5 })), signal);
  });

  it('costs one fetch of the keys, however many come', async () => {
    const token = await signed(claims());
    await Promise.all(Array.from({ length: 20 }, () => check(token, signal)));
    expect(fetches).toBe(1);
  });
});

describe('a token is refused', () => {
  it('with the algorithm none', async () => {
    const token = new UnsecuredJWT(claims()).encode();
    await expect(check(token, signal)).rejects.toMatchObject(unauthorized);
    const signedNone = `${Buffer.from('{"alg":"none","kid":"k1"}').toString('base64url')}.${token.split('.')[1]}.AAAA`;
    await expect(check(signedNone, signal)).rejects.toMatchObject(unauthorized);
  });

  it('signed with another key under the same name', async () => {
    await expect(check(await signed(claims(), foreign.privateKey), signal)).rejects.toMatchObject(
      unauthorized,
    );
  });

  it('signed with the public key as a shared secret (HS256), also if somebody publishes such a key', async () => {
    const spki = new TextEncoder().encode(await exportSPKI(own.publicKey));
    const token = await signed(claims(), spki, 'HS256');
    await expect(check(token, signal)).rejects.toMatchObject(unauthorized);
    published = [{ kty: 'oct', k: Buffer.from(spki).toString('base64url'), kid: 'k1', alg: 'HS256' }];
    await expect(checkWith()(token, signal)).rejects.toMatchObject(unauthorized);
    expect(JWT_ALGORITHMS.filter((name) => name.startsWith('HS'))).toEqual([]);
  });

  it('with a right algorithm that is not among those of the server', async () => {
    const ec = await generateKeyPair('ES256');
    published = [{ ...(await exportJWK(ec.publicKey)), kid: 'k1' }];
    const token = await signed(claims(), ec.privateKey, 'ES256');
    await expect(check(token, signal)).rejects.toMatchObject(unauthorized);
    await checkWith({ algorithms: ['ES256'] })(token, signal);
  });

  it('with a key of its own in its header', async () => {
    const jwk = await exportJWK(foreign.publicKey);
    const token = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', jwk })
      .sign(foreign.privateKey);
    await expect(check(token, signal)).rejects.toMatchObject(unauthorized);
  });

  it.each([
    ['expired', () => ({ exp: seconds() - 60 })],
    ['without an expiry', () => ({ exp: undefined })],
    ['not good yet', () => ({ nbf: seconds() + 60 })],
    ['of another issuer', () => ({ iss: 'https://other.example' })],
    ['without an issuer', () => ({ iss: undefined })],
    ['for another audience', () => ({ aud: 'elsewhere' })],
    ['without an audience', () => ({ aud: undefined })],
    ['of nobody', () => ({ sub: undefined })],
  ])('if it is %s', async (_name, change) => {
    await expect(check(await signed(claims(change())), signal)).rejects.toMatchObject(unauthorized);
  });

  it('with something in it changed', async () => {
    const [head, , signature] = (await signed(claims())).split('.');
    const payload = Buffer.from(JSON.stringify(claims({ clouds: ['*'] }))).toString('base64url');
    await expect(check(`${head}.${payload}.${signature}`, signal)).rejects.toMatchObject(unauthorized);
  });

  it.each(['', '.', '..', 'a.b.c', 'e30.e30.e30', '....'])('that is none: %j', async (token) => {
    await expect(check(token, signal)).rejects.toMatchObject(unauthorized);
  });

  it('without a word of it in the message', async () => {
    const token = await signed(claims({ exp: 1 }));
    const error: Error = await check(token, signal).then(
      () => new Error('it was let in'),
      (thrown: Error) => thrown,
    );
    for (const part of token.split('.')) expect(error.message).not.toContain(part);
  });
});

describe('the published keys', () => {
  it('are fetched again for a key that is not among them', async () => {
    const next = await generateKeyPair('RS256');
    const checkAgain = checkWith({ cooldownMs: 0 });
    await checkAgain(await signed(claims()), signal);
    published.push({ ...(await exportJWK(next.publicKey)), kid: 'k2', alg: 'RS256' });
    const token = await signed(claims(), next.privateKey, 'RS256', 'k2');
    expect((await checkAgain(token, signal)).name).toBe('jwt:alice');
    expect(fetches).toBe(2);
  });

  it('that cannot be fetched are the storage’s fault, not the caller’s', async () => {
    status = 500;
    await expect(check(await signed(claims()), signal)).rejects.toMatchObject({ code: 'source_unavailable' });
  });

  it('serve a while longer when the provider is away, and not for ever', async () => {
    const lasting = checkWith({ keysTtlMs: 0, cooldownMs: 0, staleMs: 60_000 });
    const token = await signed(claims());
    const strict = checkWith({ keysTtlMs: 0, cooldownMs: 0, staleMs: 0 });
    await lasting(token, signal);
    await strict(token, signal);
    status = 500;
    expect((await lasting(token, signal)).name).toBe('jwt:alice');
    await expect(strict(token, signal)).rejects.toMatchObject({ code: 'source_unavailable' });
  });
});

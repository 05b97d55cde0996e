/** Starting and stopping, with real processes: signals and exit codes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PROGRAM } from '../../cache/testing/index.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const QUESTION = JSON.stringify({ cloud: '000000', region: { type: 'click', position: [-7.2, 5.4, -1.1] } });

interface Instance {
  readonly child: ChildProcess;
  readonly url: string;
  /** Code or signal with which the process ended. */
  readonly ended: Promise<number | string>;
  readonly stderr: () => string;
}

const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

function launch(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [PROGRAM, 'serve', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let [out, err] = ['', ''];
  child.stdout!.on('data', (text) => (out += text));
  child.stderr!.on('data', (text) => (err += text));
  const ended = once(child, 'exit').then(([code, signal]) => {
    children.delete(child);
    return (code ?? signal) as number | string;
  });
  return { child, ended, stdout: () => out, stderr: () => err };
}

/** Resolves when the instance says that it listens. */
async function start(port = 0): Promise<Instance> {
  const { child, ended, stdout, stderr } = launch(['--port', String(port), '--drain-ms', '60000']);
  const url = await vi.waitFor(
    () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${stderr()}`);
      const found = /nearbox listening on (\S+)\n/.exec(stdout())?.[1];
      expect(found).toBeDefined();
      return found!;
    },
    { timeout: 60_000, interval: 20 },
  );
  return { child, url, ended, stderr };
}

function ask(url: string, agent?: http.Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      `${url}/v1/predictions`,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', 'timeout-ms': '30000' } },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode!));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(QUESTION);
  });
}

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: what runs and what still comes is answered, then exit 0',
    async (signal) => {
      const one = await start();
      const agent = new http.Agent({ keepAlive: true });
      expect(await ask(one.url, agent)).toBe(200);
      const asked = Array.from({ length: 8 }, () => ask(one.url, agent));
      one.child.kill(signal);
      // On a connection that is open already, behind the ones that are being answered.
      asked.push(ask(one.url, agent));
      expect(await Promise.all(asked)).toEqual(Array.from({ length: 9 }, () => 200));
      expect(await one.ended).toBe(0);
      agent.destroy();
    },
  );

  it('the second one ends it at once, whatever runs', async () => {
    const one = await start();
    const asked = Promise.allSettled(Array.from({ length: 30 }, () => ask(one.url)));
    one.child.kill('SIGTERM');
    await vi.waitFor(() => expect(one.stderr()).toContain('stopping'), { timeout: 90_000, interval: 5 });
    one.child.kill('SIGINT');
    expect(await one.ended).toBe('SIGINT');
    await asked;
  });
});

describe('a start', () => {
  it('with wrong options names all of them in one message, variables that are none as well, and no secret', async () => {
    const one = launch(['--port', 'many', '--fit-queue', '0', '--drain-ms', '-1'], {
      NEARBOX_CLICK_RADIUS: 'wide',
      NEARBOX_CLOUD: '/data',
      NEARBOX_KEYS: 'tokens',
      NEARBOX_TOKENS: '[{"name":"x","token":"hush-hush","clouds":["../a"]}]',
      NEARBOX_URL_SECRETS: 'too-short-to-be-one',
    });
    expect(await one.ended).toBe(2);
    const lines = one.stderr().trim().split('\n');
    expect(lines).toHaveLength(1);
    for (const name of [
      '--port (NEARBOX_PORT)',
      '--fit-queue (NEARBOX_FIT_QUEUE)',
      '--drain-ms (NEARBOX_DRAIN_MS)',
      '--click-radius (NEARBOX_CLICK_RADIUS)',
      'unknown environment option NEARBOX_CLOUD',
      '--tokens (NEARBOX_TOKENS)',
      '0.token',
      '0.clouds.0',
      '--url-secrets (NEARBOX_URL_SECRETS)',
    ])
      expect(lines[0]).toContain(name);
    expect(lines[0]).not.toMatch(/hush|too-short-to/);
  });

  it.each([
    [{ NEARBOX_KEYS: 'tokens' }, '--keys tokens needs either --tokens-file or --tokens'],
    [{ NEARBOX_KEYS: 'jwt' }, '--keys jwt needs --jwt-jwks; --keys jwt needs --jwt-issuer'],
    [{ NEARBOX_TOKENS_FILE: '/etc/tokens' }, 'need --keys tokens, not off'],
    [
      { NEARBOX_KEYS: 'tokens', NEARBOX_TOKENS_FILE: '/no/such/file' },
      '--tokens-file /no/such/file cannot be read',
    ],
  ])('with %j is refused: locks that would not lock', async (env, message) => {
    const one = launch(['--port', '0'], env);
    expect(await one.ended).toBe(2);
    expect(one.stderr()).toContain(message);
  });
});

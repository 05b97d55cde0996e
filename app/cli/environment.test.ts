/**
 * Environment twins: a misspelt one is refused by every command, and those of a group count in each command
 * that takes it.
 */
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { main } from './main.ts';

const CLOUD = fileURLToPath(new URL('../demo/000000', import.meta.url));
const CALLS: readonly (readonly string[])[] = [
  ['serve'],
  ['build', 'x.las', '--out', 'nowhere'],
  ['predict', CLOUD, '--at', '0,0,0'],
  ['crop', CLOUD, '--at', '0,0,0', '--out', 'nowhere/x.ply'],
  ['plan', CLOUD, '--at', '0,0,0'],
  ['evaluate', 'nowhere'],
  ['profile', 'nowhere', '--out', 'x.json'],
  ['track', 'nowhere'],
  ['validate', CLOUD],
];

/** The exit code of a call, and what it wrote to stderr. */
async function call(args: readonly string[]) {
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const exitCode = await main(args);
  vi.restoreAllMocks();
  return { exitCode, text };
}

afterEach(() => vi.unstubAllEnvs());

describe('environment options', () => {
  it.each(CALLS)('a misspelt one is refused by %s', async (...args) => {
    vi.stubEnv('NEARBOX_CLICK_RADUIS', '3');
    const { exitCode, text } = await call(args);
    expect(exitCode).toBe(2);
    expect(text).toContain('unknown environment option NEARBOX_CLICK_RADUIS');
  });

  it('limits of reading count in plan, in its flags and in the environment', async () => {
    const plan = ['plan', CLOUD, '--sphere=0,0,0,100'];
    expect(await call(plan)).toMatchObject({ exitCode: 0 });
    vi.stubEnv('NEARBOX_MAX_NODES', '1');
    const limited = await call(plan);
    expect(limited).toMatchObject({ exitCode: 1, text: expect.stringContaining('[region_too_large]') });
    expect(await call([...plan, '--max-nodes', '4096'])).toMatchObject({ exitCode: 0 });
    vi.stubEnv('NEARBOX_MAX_NODES', 'many');
    expect(await call(plan)).toMatchObject({ exitCode: 2, text: expect.stringContaining('--max-nodes') });
  });

  it.each(['NEARBOX_FORBIDDEN_MEANS_ABSENT', 'NEARBOX_STORAGE_TIMEOUT_MS'])(
    '%s is checked by validate too',
    async (name) => {
      vi.stubEnv(name, 'perhaps');
      const { exitCode, text } = await call(['validate', CLOUD]);
      expect(exitCode).toBe(2);
      expect(text).toContain(name);
    },
  );
});

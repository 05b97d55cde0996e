/** What reads and writes files comes once, and what is wrong is said. */
import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/index.ts';
import { FileScript } from './file-script.ts';

const script = { lossesIn: () => null };

/** A script whose fetches fail with these errors, one after the other, and then come. */
function scriptAfter(...errors: ApiError[]) {
  const done = { fetches: 0, imports: 0 };
  const files = new FileScript({
    fetch: async () => {
      done.fetches += 1;
      const error = errors.shift();
      if (error !== undefined) throw error;
    },
    import: async () => {
      done.imports += 1;
      return script;
    },
  });
  return { files, done };
}

describe('FileScript', () => {
  it('is loaded once, ahead or when it is needed', async () => {
    const { files, done } = scriptAfter();
    files.prefetch();
    expect(await Promise.all([files.load(), files.load()])).toEqual([script, script]);
    expect(done).toEqual({ fetches: 1, imports: 1 });
  });

  it('is tried again after an outage, in which it says why it is not there', async () => {
    const { files, done } = scriptAfter(
      new ApiError('unreachable', 0, 'The server cannot be reached.'),
      new ApiError('unreachable', 0, 'The server cannot be reached.'),
      new ApiError('internal', 500, 'the server answered 500'),
    );
    // Ahead nobody is told: the test fails of a rejection that nobody takes.
    files.prefetch();
    await new Promise((resolve) => setImmediate(resolve));
    await expect(files.load()).rejects.toThrow('The server cannot be reached.');
    await expect(files.load()).rejects.toThrow('the server answered 500');
    expect(await files.load()).toBe(script);
    expect(done).toEqual({ fetches: 4, imports: 1 });
  });

  it('says that the page is older than the server, which has no such script any more', async () => {
    const { files } = scriptAfter(new ApiError('not_found', 404, 'the page has no file files-A.js'));
    await expect(files.load()).rejects.toMatchObject({
      status: 404,
      message: 'This page is older than the server. Reload it.',
    });
  });
});

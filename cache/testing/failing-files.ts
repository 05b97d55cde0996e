/** A file system that refuses what a test says. */
import { type DiskFiles, NODE_FILES } from '../disk/index.ts';

type Method = keyof DiskFiles;

/** An error as the system gives it. */
function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wished`), { code });
}

export class FailingFiles {
  /** What a method does before its work: throw, or wait. */
  readonly before = new Map<Method, () => Promise<void> | void>();
  /** Calls so far, as `method name-of-file`. */
  readonly calls: string[] = [];
  readonly files: DiskFiles;

  constructor() {
    const wrapped = Object.entries(NODE_FILES).map(([name, method]) => [
      name,
      async (...args: unknown[]) => {
        this.calls.push(`${name} ${String(args[0]).split('/').at(-1)}`);
        await this.before.get(name as Method)?.();
        return (method as (...args: unknown[]) => unknown)(...args);
      },
    ]);
    this.files = Object.fromEntries(wrapped) as DiskFiles;
  }

  /** Makes a method fail with a system's code from now on; without a code, work again. */
  fail(method: Method, code?: string): void {
    if (code === undefined) this.before.delete(method);
    else
      this.before.set(method, () => {
        throw systemError(code);
      });
  }
}

/** Counts how often something waits for the storage, however much it asks for at a time. */
import type { ByteSource, SourceOptions, SourceReadOptions } from '../../cache/byte-source/index.ts';
import type { MemorySource } from '../../cache/testing/index.ts';

/** Answers nothing until it is told to: then, all that is waited for. */
export class TideSource implements ByteSource {
  readonly label = 'tides';
  readonly rootName = null;
  readonly #memory: MemorySource;
  readonly #waiting: { readonly call: string; readonly answer: () => void }[] = [];

  constructor(memory: MemorySource) {
    this.#memory = memory;
  }

  read(path: string, options: SourceReadOptions = {}) {
    const { range, last } = options;
    const tail = last === undefined ? '' : ` last ${last}`;
    const part = range === undefined ? tail : ` ${range.offset}+${range.length}`;
    return this.#wait(`GET ${path}${part}`, () => this.#memory.read(path, options));
  }

  stat(path: string, options: SourceOptions = {}) {
    return this.#wait(`HEAD ${path}`, () => this.#memory.stat(path, options));
  }

  /** Calls that are not answered yet. Default: none. */
  isHeld: (call: string) => boolean = () => false;

  /** Answers the calls that wait and are not held, at most `most` of them. Returns which. */
  turn(most = Number.POSITIVE_INFINITY): string[] {
    const all = this.#waiting.filter(({ call }) => !this.isHeld(call)).slice(0, most);
    for (const waiting of all) this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    for (const { answer } of all) answer();
    return all.map(({ call }) => call);
  }

  async #wait<Value>(call: string, then: () => Promise<Value>): Promise<Value> {
    await new Promise<void>((answer) => this.#waiting.push({ call, answer }));
    return then();
  }
}

/** Answers what the work asks for, at most `most` calls at a time. Returns the calls of each time. */
export async function waitsOf<Value>(
  source: TideSource,
  work: Promise<Value>,
  most?: number,
): Promise<{ readonly value: Value; readonly waits: string[][] }> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  const waits: string[][] = [];
  while (!isDone) {
    // Until nothing more is asked for, nothing is answered.
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    const calls = source.turn(most);
    if (calls.length > 0) waits.push(calls);
  }
  return { value: await done, waits };
}

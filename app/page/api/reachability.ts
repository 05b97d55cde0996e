/** Knows whether the server can be reached, and looks again while it cannot. */
import { whenAborted } from '../../../cache/foundation/signals/index.ts';

export interface ReachabilityOptions {
  /** Rejects while the server cannot be reached. */
  readonly probe: () => Promise<void>;
  readonly onChange: (isReachable: boolean) => void;
  /** Between two probes, milliseconds. Default: 2000. */
  readonly everyMs?: number;
}

const PROBE_EVERY_MS = 2000;

export class Reachability {
  readonly #options: Required<ReachabilityOptions>;
  #isReachable = true;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #waiting: (() => void)[] = [];

  constructor(options: ReachabilityOptions) {
    this.#options = { everyMs: PROBE_EVERY_MS, ...options };
  }

  get isReachable(): boolean {
    return this.#isReachable;
  }

  /** What a call has shown. */
  report(isReachable: boolean): void {
    if (isReachable === this.#isReachable) return;
    this.#isReachable = isReachable;
    this.#options.onChange(isReachable);
    if (!isReachable) this.#probeLater();
    else {
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#timer = null;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const go of waiting) go();
    }
  }

  /**
   * Resolves after so long, or as soon as the server can be reached again; rejects when the signal aborts.
   */
  async pause(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting = this.#waiting.filter((one) => one !== go);
        unlink();
        settle();
      };
      const go = () => end(resolve);
      const timer = setTimeout(go, ms);
      this.#waiting.push(go);
      const unlink = whenAborted(signal, (reason) => end(() => reject(reason as Error)));
    });
  }

  #probeLater(): void {
    this.#timer = setTimeout(() => {
      // The client reports what comes of it.
      this.#options.probe().then(
        () => this.report(true),
        () => {
          if (!this.#isReachable) this.#probeLater();
        },
      );
    }, this.#options.everyMs);
  }
}

/**
 * Tells the server what became of its answers. What cannot be sent now is kept in this browser and sent
 * later; every note has a key, so nothing counts twice.
 */
import { type ApiClient, ApiError, type FeedbackNote } from '../api/index.ts';
import { sequenceOf } from '../model/index.ts';
import type { Decision, Session } from '../session/index.ts';
import { feedbackItem } from './feedback-item.ts';

export interface FeedbackSenderOptions {
  readonly session: Session;
  readonly api: Pick<ApiClient, 'feedback'>;
  /** Notes that an earlier page could not send. */
  readonly kept: readonly FeedbackNote[];
  readonly keep: (notes: readonly FeedbackNote[]) => void;
  readonly newKey?: () => string;
  readonly wait?: (ms: number) => Promise<void>;
}

const SEND_AFTER_MS = 1000;
const MOST_AT_ONCE = 256;
/** More notes than that are not kept: the oldest go. */
const MOST_KEPT = 2000;

export class FeedbackSender {
  readonly #options: Required<FeedbackSenderOptions>;
  #waiting: FeedbackNote[];
  #isSending = false;

  constructor(options: FeedbackSenderOptions) {
    this.#options = {
      newKey: () => crypto.randomUUID(),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      ...options,
    };
    this.#waiting = [...options.kept];
    options.session.store.subscribe((state, before) => {
      if (state.isServerReachable && !before.isServerReachable) void this.send();
    });
  }

  note(decision: Decision): void {
    const { session, newKey, keep } = this.#options;
    const index = sequenceOf(session.state.frames, decision.frame).indexOf(decision.frame);
    this.#waiting.push(feedbackItem(decision, { key: newKey(), at: new Date().toISOString(), index }));
    this.#waiting = this.#waiting.slice(-MOST_KEPT);
    keep(this.#waiting);
    void this.send();
  }

  async send(): Promise<void> {
    const { api, keep, wait } = this.#options;
    if (this.#isSending || this.#waiting.length === 0) return;
    this.#isSending = true;
    try {
      await wait(SEND_AFTER_MS);
      while (this.#waiting.length > 0) {
        const items = this.#waiting.slice(0, MOST_AT_ONCE);
        await api.feedback(items).catch((error: unknown) => {
          // What the server refuses it refuses again.
          if (!(error instanceof ApiError) || error.status < 400 || error.status >= 500) throw error;
        });
        this.#waiting = this.#waiting.slice(items.length);
        keep(this.#waiting);
      }
    } catch {
      // It is kept, and sent when the server can be reached again.
    } finally {
      this.#isSending = false;
    }
  }
}

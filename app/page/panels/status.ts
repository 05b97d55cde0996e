/**
 * The line at the bottom: how the last box came and what it cost, what the page has to say, and how much is
 * drawn.
 */

import { byId, setAttributes } from '../dom/index.ts';
import type { AnswerReport, PageState } from '../session/index.ts';

export interface Drawn {
  readonly points: number;
  readonly isComplete: boolean;
  readonly total: number;
  /** The camera moves: there is one more picture when it rests. */
  readonly isMoving: boolean;
}

const TOLD_EVERY_MS = 250;

export function statusLine() {
  const timing = byId('timing');
  const message = byId('message');
  const points = byId('points');
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    update({ answer, message: said, pending }: PageState): void {
      timing.textContent = pending.length > 0 ? 'fitting…' : answer === null ? '' : timingText(answer);
      timing.title = answer === null ? '' : detailText(answer);
      message.textContent = said?.text ?? '';
      message.title = said?.text ?? '';
      message.className = said?.tone ?? '';
    },
    /**
     * While the camera moves the number changes with every picture; it is told a few times a second, or the
     * whole line would be laid out for each of them.
     */
    drawn({ points: count, isComplete, total, isMoving }: Drawn): void {
      const now = performance.now();
      if (isMoving && now - toldAt < TOLD_EVERY_MS) return;
      toldAt = now;
      const text = `${short(count)} of ${short(total)} points${isComplete ? '' : ' …'}`;
      if (points.textContent !== text) points.textContent = text;
      setAttributes(points, { 'data-drawn': count, 'data-complete': String(isComplete) });
    },
  };
}

/** `box in 137 ms · fetch 12 · decode 30 · network 71 · 9 nodes: 7 memory, 2 origin` */
export function timingText({ roundTripMs, method, score, timings, cost }: AnswerReport): string {
  const parts = [`box in ${Math.round(roundTripMs)} ms`];
  if (timings !== null)
    for (const [key, name] of STAGES)
      if ((timings[key] ?? 0) >= 0.5) parts.push(`${name} ${Math.round(timings[key]!)}`);
  if (cost !== null) {
    const from = (['memory', 'disk', 'origin'] as const).filter((tier) => cost[tier] > 0);
    parts.push(
      `${cost.nodes} nodes${from.length > 0 ? `: ${from.map((tier) => `${cost[tier]} ${tier}`).join(', ')}` : ''}`,
    );
  }
  parts.push(score === null ? method : `${method} ${score.toFixed(2)}`);
  return parts.join(' · ');
}

const STAGES = [
  ['resolveMs', 'resolve'],
  ['fetchMs', 'fetch'],
  ['decodeMs', 'decode'],
  ['cropMs', 'crop'],
  ['queueMs', 'queue'],
  ['inferMs', 'network'],
] as const;

function detailText({ timings, cost, note }: AnswerReport): string {
  const lines = note === null ? [] : [note];
  if (timings !== null)
    lines.push(...Object.entries(timings).map(([name, ms]) => `${name}: ${ms.toFixed(1)}`));
  if (cost !== null) lines.push(`bytes fetched: ${cost.bytes}`);
  return lines.join('\n');
}

function short(count: number): string {
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`;
  return count >= 1e4 ? `${Math.round(count / 1e3)} k` : String(count);
}

/** What annotators did with predictions, stored once by the caller's key. */
import { createHash } from 'node:crypto';
import { Limiter, NearboxError } from '../../../../cache/index.ts';
import {
  EXAMPLE_CLICK,
  type FeedbackItem,
  feedbackAnswerSchema,
  feedbackSchema,
} from '../../../api/index.ts';
import { type DocumentStore, PreconditionFailed } from '../../../documents/index.ts';
import { jsonBody } from '../../requests/index.ts';
import type { Route } from '../../route/index.ts';

/** Items of one request that are written at a time. */
const WRITES_AT_ONCE = 16;

export interface FeedbackOptions {
  /** Where feedback is stored; left out: there is no such route. */
  readonly feedback?: DocumentStore | undefined;
  readonly maxBodyBytes: number;
}

export function feedbackRoutes({ feedback, maxBodyBytes }: FeedbackOptions): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/feedback',
      access: 'clouds',
      handler: async (c, scope) => {
        const { signal, access, quota } = scope;
        if (feedback === undefined)
          throw new NearboxError('not_found', 'this server does not store feedback: --feedback is not set');
        const { items } = await jsonBody(c, feedbackSchema, maxBodyBytes, scope);
        for (const { cloud } of items) access.require(cloud.id);
        await quota.spend(items.length - 1);
        // Of items with one key in one request, the first counts.
        const first = new Map<string, FeedbackItem>();
        for (const item of items) if (!first.has(item.key)) first.set(item.key, item);
        const turns = new Limiter(WRITES_AT_ONCE);
        const caller = access.caller.name ?? '';
        const isNew = await Promise.all(
          [...first.values()].map((item) =>
            turns.run(() => storeOnce(feedback, caller, item, signal), signal),
          ),
        );
        const stored = isNew.filter(Boolean).length;
        return c.json({ stored, known: items.length - stored }, 200, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/v1/feedback',
          id: 'giveFeedback',
          summary: 'What the annotator did with predictions; answered when the storage has it',
          tag: 'labels',
          body: feedbackSchema,
          example: {
            items: [
              { key: 'session-1/7', cloud: { id: '000000' }, region: EXAMPLE_CLICK, outcome: 'accepted' },
            ],
          },
          answers: {
            200: { description: 'How many items are new, and how many known', content: feedbackAnswerSchema },
          },
          errors: [
            'invalid_request',
            'not_found',
            'body_too_large',
            'unsupported_media_type',
            'source_unavailable',
            'overloaded',
          ],
        },
      ],
    },
  ];
}

/** True if the key is new. Keys of one caller are not those of another. */
async function storeOnce(
  documents: DocumentStore,
  caller: string,
  item: FeedbackItem,
  signal: AbortSignal,
): Promise<boolean> {
  const hash = createHash('sha256').update(`${caller}\n${item.key}`).digest('hex');
  const record = { ...item, caller, received: new Date().toISOString() };
  try {
    const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
    await documents.write(`${hash.slice(0, 2)}/${hash}.json`, bytes, { ifAbsent: true }, { signal });
    return true;
  } catch (error) {
    if (error instanceof PreconditionFailed) return false;
    throw error;
  }
}

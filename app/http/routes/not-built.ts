/** Routes of the contract that are not built yet: they answer 501 and say so. */
import { NearboxError } from '../../../cache/index.ts';
import type { Route } from '../route/index.ts';

const NOT_BUILT = [
  ['POST', '/v1/feedback', 'giveFeedback', 'What the annotator did with a prediction'],
] as const;

export function notBuiltRoutes(): Route[] {
  return NOT_BUILT.map(([method, path, id, summary]) => ({
    method,
    path,
    access: 'key',
    handler: async () => {
      throw new NearboxError('not_implemented', `${method} ${path} is not built yet`);
    },
    operations: [
      { path, id, summary: `${summary}: not built yet`, answers: {}, errors: ['not_implemented'] },
    ],
  }));
}

/** The project's own classes and attributes, as the server was started with them. */
import { createHash } from 'node:crypto';
import { NearboxError } from '../../../../cache/index.ts';
import { type Ontology, ontologySchema } from '../../../ontology/file/index.ts';
import { isNoneMatch } from '../../answers/index.ts';
import type { Route } from '../../route/index.ts';

/** @param ontology left out: the route answers 404 */
export function ontologyRoutes(ontology: Ontology | undefined): Route[] {
  const text = ontology === undefined ? null : JSON.stringify(ontology);
  const etag = `"${createHash('sha256')
    .update(text ?? '')
    .digest('base64url')
    .slice(0, 22)}"`;
  return [
    {
      method: 'GET',
      path: '/v1/ontology',
      access: 'key',
      handler: async (c) => {
        if (text === null)
          throw new NearboxError('not_found', 'this server has no classes of its own: it has no --ontology');
        const headers = { etag, 'cache-control': 'private, no-cache' };
        if (isNoneMatch(c.req.header('if-none-match'), etag)) return c.body(null, 304, headers);
        return c.body(text, 200, { ...headers, 'content-type': 'application/json' });
      },
      operations: [
        {
          path: '/v1/ontology',
          id: 'ontology',
          summary: 'The own classes and attributes of the project',
          tag: 'labels',
          headers: ['If-None-Match'],
          answers: {
            200: {
              description: 'The ontology',
              content: ontologySchema,
              headers: ['ETag', 'Cache-Control'],
            },
            304: { description: 'The caller has it', headers: ['ETag'] },
          },
          errors: ['not_found'],
        },
      ],
    },
  ];
}

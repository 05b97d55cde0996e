/** The labels of clouds: one document each, replaced only by who has seen its present state. */

import { NearboxError } from '../../../../cache/index.ts';
import { checkCloudId } from '../../../../octree/index.ts';
import {
  labelsListQuerySchema,
  labelsPageSchema,
  labelsSchema,
  storedLabelsSchema,
} from '../../../api/index.ts';
import type { DocumentStore } from '../../../documents/index.ts';
import { HeadedError, isNoneMatch } from '../../answers/index.ts';
import { jsonDocument, parseWith, segmentsBehind } from '../../requests/index.ts';
import { LARGE_ANSWER_BYTES, type Route } from '../../route/index.ts';
import { LabelsStore } from './labels-store.ts';
import { namedState } from './precondition.ts';

const LIST_COST = 10;
const WRITE_ERRORS = ['precondition_failed', 'precondition_required', 'source_unavailable'] as const;

export interface LabelsOptions {
  /** Where labels are stored; left out: there are no such routes. */
  readonly labels?: DocumentStore | undefined;
  /** Largest document, bytes. Default: 4 MiB. */
  readonly labelsMaxBytes?: number | undefined;
}

export function labelsRoutes({ labels, labelsMaxBytes = 4 * 2 ** 20 }: LabelsOptions): Route[] {
  const store = labels === undefined ? null : new LabelsStore(labels);
  const opened = () => {
    if (store === null)
      throw new NearboxError('not_found', 'this server does not store labels: --labels is not set');
    return store;
  };
  const cloudOf = (path: string) => {
    if (path === '/v1/labels')
      throw new HeadedError(new NearboxError('method_not_allowed', 'the list of labels is read-only'), {
        allow: 'GET, HEAD',
      });
    const cloud = segmentsBehind(path, '/v1/labels/').join('/');
    checkCloudId(cloud);
    return cloud;
  };
  return [
    {
      method: 'GET',
      path: '/v1/labels',
      access: 'clouds',
      cost: LIST_COST,
      handler: async (c, { signal, access }) => {
        const covers = access.listing?.covers ?? (() => true);
        const query = parseWith(labelsListQuerySchema, c.req.query(), 'the query');
        const { prefix = '', limit, after, cloud } = query;
        const page =
          cloud === undefined
            ? await opened().list({ prefix, limit, after, covers, signal })
            : await opened().only(cloud, { covers, signal });
        return c.json(page, 200, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/v1/labels',
          id: 'listLabels',
          summary: 'The clouds that have labels, with their state and counts',
          tag: 'labels',
          query: labelsListQuerySchema,
          answers: { 200: { description: 'One page of them', content: labelsPageSchema } },
          errors: ['invalid_request', 'not_found', 'source_unavailable'],
        },
      ],
    },
    {
      method: 'GET',
      path: '/v1/labels/*',
      access: 'clouds',
      answerBytes: LARGE_ANSWER_BYTES,
      handler: async (c, { signal, access, room }) => {
        const cloud = cloudOf(c.req.path);
        access.require(cloud);
        const stored = await opened().read(cloud, signal);
        if (stored === null) throw new NearboxError('not_found', `${cloud} has no labels`);
        const headers = { etag: stored.etag, 'cache-control': 'private, no-cache' };
        if (isNoneMatch(c.req.header('if-none-match'), stored.etag)) return c.body(null, 304, headers);
        const bytes = Uint8Array.from(stored.bytes);
        room.resize(bytes.byteLength);
        return c.body(bytes, 200, { ...headers, 'content-type': 'application/json' });
      },
      operations: [
        {
          path: '/v1/labels/{cloud}',
          id: 'readLabels',
          summary: 'The labels of a cloud, as they were written',
          tag: 'labels',
          headers: ['If-None-Match'],
          answers: {
            200: { description: 'The labels', content: labelsSchema, headers: ['ETag', 'Cache-Control'] },
            304: { description: 'The caller has them', headers: ['ETag', 'Cache-Control'] },
          },
          errors: ['not_found', 'source_unavailable'],
        },
      ],
    },
    {
      method: 'PUT',
      path: '/v1/labels/*',
      access: 'clouds',
      handler: async (c, scope) => {
        const { signal, access } = scope;
        const cloud = cloudOf(c.req.path);
        access.requireWrite(cloud);
        const labelsOf = opened();
        const state = namedState(c);
        const { bytes, value } = await jsonDocument(c, labelsSchema, labelsMaxBytes, scope);
        if (value.cloud.id !== cloud)
          throw new NearboxError('invalid_request', `the labels are of ${value.cloud.id}, not of ${cloud}`, {
            fields: [{ path: 'cloud.id', message: `must be ${cloud}, as in the URL` }],
          });
        const { etag, isNew } = await labelsOf.write(cloud, bytes, state, signal);
        return c.json({ id: cloud, etag }, isNew ? 201 : 200, { etag, 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/v1/labels/{cloud}',
          id: 'writeLabels',
          summary: 'Replaces the labels of a cloud; answered when the storage has them',
          tag: 'labels',
          headers: ['If-Match', 'If-None-Match'],
          body: labelsSchema,
          example: {
            version: 1,
            cloud: { id: '000000', version: null },
            state: 'open',
            boxes: [],
          },
          answers: {
            200: { description: 'They were replaced', content: storedLabelsSchema, headers: ['ETag'] },
            201: {
              description: 'They are the first of the cloud',
              content: storedLabelsSchema,
              headers: ['ETag'],
            },
          },
          errors: [
            ...WRITE_ERRORS,
            'invalid_request',
            'not_found',
            'body_too_large',
            'unsupported_media_type',
            'overloaded',
          ],
        },
      ],
    },
    {
      method: 'DELETE',
      path: '/v1/labels/*',
      access: 'clouds',
      handler: async (c, { signal, access }) => {
        const cloud = cloudOf(c.req.path);
        access.requireWrite(cloud);
        const labelsOf = opened();
        const state = namedState(c);
        if (!('ifMatch' in state))
          throw new NearboxError(
            'precondition_required',
            'DELETE needs If-Match with the ETag of the labels',
          );
        await labelsOf.remove(cloud, state.ifMatch, signal);
        return c.body(null, 204, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/v1/labels/{cloud}',
          id: 'removeLabels',
          summary: 'Removes the labels of a cloud',
          tag: 'labels',
          headers: ['If-Match'],
          answers: { 204: { description: 'They are gone' } },
          errors: [...WRITE_ERRORS, 'not_found'],
        },
      ],
    },
  ];
}

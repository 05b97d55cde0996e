/**
 * The annotation page and the points that it draws: not for other programs, yet in the same table as every
 * route.
 */
import type { ErrorCode } from '../../../../cache/index.ts';
import { cloudInfoSchema, nodeListingSchema } from '../../../api/index.ts';
import { NODE_MEDIA_TYPE } from '../../../page/cloud/index.ts';
import type { Operation, Route } from '../../route/index.ts';
import type { PageRoute } from './page-assets.ts';
import { pointsRoutes, type ServedPoints } from './points.ts';

export function annotationRoutes(page: readonly PageRoute[], points: ServedPoints): Route[] {
  return [...page, ...pointsRoutes(points)].map((route) => ({
    access: 'open' as const,
    ...route,
    operations: OPERATIONS[route.path] ?? [],
  }));
}

const asset = [{ mediaType: 'text/javascript' }, { mediaType: 'text/css' }];
const NODE_ERRORS: readonly ErrorCode[] = [
  'not_found',
  'cloud_not_found',
  'version_gone',
  'cloud_changed',
  'corrupt_tile',
  'source_unavailable',
];

const OPERATIONS: Readonly<Record<string, readonly Operation[]>> = {
  '/': [
    {
      path: '/',
      id: 'page',
      summary: 'The annotation page',
      tag: 'page',
      headers: ['If-None-Match'],
      answers: {
        200: { description: 'The page', content: { mediaType: 'text/html' }, headers: ['ETag'] },
        304: { description: 'The caller has it', headers: ['ETag'] },
      },
      errors: [],
    },
  ],
  '/favicon.ico': [
    {
      path: '/favicon.ico',
      id: 'icon',
      summary: 'The icon of all pages of this server',
      tag: 'page',
      answers: {
        200: { description: 'The icon', content: { mediaType: 'image/svg+xml' }, headers: ['Cache-Control'] },
      },
      errors: [],
    },
  ],
  '/page/:name': [
    {
      path: '/page/{name}',
      id: 'pageFile',
      summary: 'A script or style of the annotation page',
      tag: 'page',
      answers: { 200: { description: 'The file', content: asset, headers: ['Cache-Control'] } },
      errors: ['not_found'],
    },
  ],
  '/points/*': [
    {
      path: '/points/{cloud}',
      id: 'cloudForPage',
      summary: 'What the annotation page needs to know of a cloud',
      tag: 'page',
      answers: {
        200: { description: 'The cloud', content: cloudInfoSchema, headers: ['ETag', 'Cache-Control'] },
      },
      errors: ['cloud_not_found', 'corrupt_tile', 'source_unavailable'],
    },
    {
      path: '/points/~{version}/{cloud}/hierarchy/{key}',
      id: 'listNodes',
      summary: 'The nodes below a node, with their counts of points',
      tag: 'page',
      answers: {
        200: { description: 'The nodes', content: nodeListingSchema, headers: ['Cache-Control'] },
      },
      errors: NODE_ERRORS,
    },
    {
      path: '/points/~{version}/{cloud}/nodes/{key}',
      id: 'drawNode',
      summary: 'The points of a node in the form that the annotation page draws',
      tag: 'page',
      answers: {
        200: {
          description: 'The points; docs/page.md has the layout',
          content: { mediaType: NODE_MEDIA_TYPE },
          headers: ['Cache-Control'],
        },
      },
      errors: NODE_ERRORS,
    },
  ],
};

/** The annotation page and the points that it draws: not for other programs, yet in the same table as every route. */
import type { PageRoute } from '../page.ts';
import { type NodePoints, pointsRoutes } from '../points.ts';
import type { Operation, Route } from '../route.ts';

export function annotationRoutes(page: readonly PageRoute[], points: NodePoints): Route[] {
  return [...page, ...pointsRoutes(points)].map((route) => ({
    ...route,
    operations: OPERATIONS[route.path] ?? [],
  }));
}

const bytes = { mediaType: 'application/octet-stream' };

const OPERATIONS: Readonly<Record<string, readonly Operation[]>> = {
  '/': [
    {
      path: '/',
      id: 'page',
      summary: 'The annotation page',
      answers: {
        200: { description: 'The page', content: { mediaType: 'text/html' } },
        304: { description: 'The caller has it' },
      },
      errors: [],
    },
  ],
  '/page/:name': [
    {
      path: '/page/{name}',
      id: 'pageFile',
      summary: 'A script or style of the annotation page',
      answers: { 200: { description: 'The file', content: bytes } },
      errors: ['not_found'],
    },
  ],
  '/points/*': [
    {
      path: '/points/{path}',
      id: 'points',
      summary: 'Clouds, nodes and points in the form that the annotation page draws',
      answers: { 200: { description: 'JSON, or the points of a node', content: bytes } },
      errors: [
        'invalid_request',
        'not_found',
        'cloud_not_found',
        'version_gone',
        'cloud_changed',
        'corrupt_tile',
        'source_unavailable',
        'deadline_exceeded',
      ],
    },
  ],
};

/** What there is to call: for programs, and for people. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { docsPage, type OpenApiDocument, openApiDocument, STYLE } from '../../openapi/index.ts';
import type { Route } from '../../route/index.ts';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const HTML_HEADERS = {
  'content-security-policy': `default-src 'none'; img-src 'self'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'self'`,
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
};

/** `all` gives the whole table, these two routes included. */
export function documentRoutes(all: () => readonly Route[]): Route[] {
  let made: OpenApiDocument | undefined;
  const document = () => {
    made ??= openApiDocument(all());
    return made;
  };
  return [
    {
      method: 'GET',
      path: '/openapi.json',
      access: 'open',
      handler: async (c) => c.json(document(), 200, { 'cache-control': 'no-cache' }),
      operations: [
        {
          path: '/openapi.json',
          id: 'openApi',
          summary: 'This document',
          tag: 'operation',
          answers: { 200: { description: 'An OpenAPI 3.1 document', content: z.looseObject({}) } },
          errors: [],
        },
      ],
    },
    {
      method: 'GET',
      path: '/docs',
      access: 'open',
      handler: async (c) => c.html(docsPage(document()), 200, HTML_HEADERS),
      operations: [
        {
          path: '/docs',
          id: 'docs',
          summary: 'This document, for people',
          tag: 'operation',
          answers: { 200: { description: 'A page', content: { mediaType: 'text/html' } } },
          errors: [],
        },
      ],
    },
  ];
}

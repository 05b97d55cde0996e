/** The OpenAPI document: the table of routes, and the schemas that requests are checked with. */
import { z } from 'zod';
import type { ErrorCode } from '../../../cache/index.ts';
import type { AccessNeed } from '../../access/index.ts';
import { problemSchema } from '../../api/index.ts';
import { packageVersion } from '../../package/index.ts';
import { ERROR_STATUS } from '../answers/index.ts';
import {
  ANSWER_HEADERS,
  type AnswerHeader,
  type Content,
  type Operation,
  type OperationAnswer,
  PATH_PARTS,
  REQUEST_HEADERS,
  type Route,
  TAGS,
} from '../route/index.ts';
import { SchemaComponents } from './components.ts';

/** Errors of every route: an invalid header, a long URL, a bug, a deadline that passed. */
const OF_ALL: readonly ErrorCode[] = ['invalid_request', 'uri_too_long', 'internal', 'deadline_exceeded'];

/** Errors of every route that needs a key, if keys are on. */
const OF_LOCKED: readonly ErrorCode[] = [
  'unauthorized',
  'forbidden',
  'too_many_requests',
  'source_unavailable',
];

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    readonly license: unknown;
  };
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: unknown;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly OpenApiParameter[];
  readonly security?: readonly unknown[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: unknown;
  readonly example?: unknown;
}

/** A key, or nothing where keys are off. */
const WITH_KEY = [{ key: [] }, {}];

export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const components = new SchemaComponents();
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  const problem = components.describe(problemSchema, 'output');
  for (const { method, operations, access } of routes)
    for (const operation of operations) {
      paths[operation.path] ??= {};
      paths[operation.path]![method.toLowerCase()] = describe(operation, access, components, problem);
    }
  const used = new Set(
    Object.values(paths).flatMap((methods) => Object.values(methods).flatMap(({ tags }) => tags)),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'nearbox',
      version: packageVersion(),
      description:
        'A click in a LiDAR cloud, answered with a fitted 3D box. Metres, radians, milliseconds; +z up; the cloud’s own coordinates.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The server that this document comes from' }],
    security: WITH_KEY,
    tags: Object.entries(TAGS)
      .filter(([name]) => used.has(name))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: components.all(),
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'Where keys are on (`--keys`)' },
        signature: {
          type: 'apiKey',
          in: 'query',
          name: 'signature',
          description:
            'A signed tile URL: `scope`, `expires` and `signature`, as POST /v1/tile-urls answers them',
        },
      },
    },
  };
}

function securityOf(access: AccessNeed): readonly unknown[] {
  if (access === 'open') return [];
  return access === 'clouds-or-signature' ? [{ key: [] }, { signature: [] }, {}] : WITH_KEY;
}

function describe(
  operation: Operation,
  access: AccessNeed,
  components: SchemaComponents,
  problem: unknown,
): OpenApiOperation {
  const { id, summary, tag, body, answers } = operation;
  const responses: Record<string, { readonly description: string }> = {};
  for (const [status, answer] of Object.entries(answers))
    responses[status] = describeAnswer(answer, components);
  for (const [status, codes] of Object.entries(
    byStatus([...operation.errors, ...OF_ALL, ...(access === 'open' ? [] : OF_LOCKED)]),
  ))
    responses[status] = {
      description: codes.map((code) => `\`${code}\``).join(', '),
      ...{
        headers: headersOf(ERROR_HEADERS[status] ?? []),
        content: { 'application/problem+json': { schema: problem } },
      },
    };
  return {
    operationId: id,
    summary,
    tags: [tag],
    parameters: parametersOf(operation, components),
    security: securityOf(access),
    ...(body && { requestBody: { required: true, content: bodyOf(body, operation.example, components) } }),
    responses,
  };
}

/** What errors of a status have besides the request id. */
const ERROR_HEADERS: Readonly<Record<string, readonly AnswerHeader[]>> = {
  401: ['WWW-Authenticate'],
  416: ['Content-Range'],
  429: ['Retry-After', 'RateLimit', 'RateLimit-Policy'],
  503: ['Retry-After'],
};

function describeAnswer(
  { description, content, headers = [], links }: OperationAnswer,
  components: SchemaComponents,
) {
  const contents = content === undefined ? [] : Array.isArray(content) ? content : [content as Content];
  return {
    description,
    headers: headersOf(headers),
    ...(contents.length > 0 && { content: contentOf(contents, components) }),
    ...(links && { links }),
  };
}

function bodyOf(schema: z.ZodType, example: unknown, components: SchemaComponents) {
  return {
    'application/json': {
      schema: components.describe(schema, 'input'),
      ...(example !== undefined && { example }),
    },
  };
}

function headersOf(names: readonly AnswerHeader[]): Record<string, unknown> {
  const all: AnswerHeader[] = ['X-Request-Id', ...names];
  return Object.fromEntries(all.map((name) => [name, { required: true, ...ANSWER_HEADERS[name] }]));
}

function parametersOf(
  { path, query, headers = [] }: Operation,
  components: SchemaComponents,
): OpenApiParameter[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']): OpenApiParameter => {
    const part = PATH_PARTS[name];
    if (part === undefined) throw new Error(`${path} has a parameter that is not described: ${name}`);
    return { name, in: 'path', required: true, ...part };
  });
  const schema =
    query && (components.describe(query, 'input') as { properties: object; required?: string[] });
  const inQuery = Object.entries(schema?.properties ?? {}).map(
    ([name, of]): OpenApiParameter => ({
      name,
      in: 'query',
      required: schema?.required?.includes(name) ?? false,
      schema: of,
    }),
  );
  const inHeader = (['Timeout-Ms', 'X-Request-Id', ...headers] as const).map(
    (name): OpenApiParameter => ({ name, in: 'header', required: false, ...REQUEST_HEADERS[name] }),
  );
  return [...inPath, ...inQuery, ...inHeader];
}

function contentOf(contents: readonly Content[], components: SchemaComponents): Record<string, unknown> {
  const entries = contents.map((content) =>
    content instanceof z.ZodType
      ? ['application/json', { schema: components.describe(content, 'output') }]
      : [content.mediaType, mediaOf(content, components)],
  );
  return Object.fromEntries(entries);
}

/**
 * Of a body that is no JSON document of ours: lines of one, text, or bytes. Stored JSON may be asked for in
 * pieces: it has no schema.
 */
function mediaOf(
  { mediaType, schema }: Exclude<Content, z.ZodType>,
  components: SchemaComponents,
): { readonly schema?: unknown } {
  if (schema !== undefined) return { schema: components.describe(schema, 'output') };
  if (mediaType === 'application/json') return {};
  return {
    schema: mediaType.startsWith('text/') ? { type: 'string' } : { type: 'string', format: 'binary' },
  };
}

function byStatus(codes: readonly ErrorCode[]): Record<string, ErrorCode[]> {
  const groups: Record<string, ErrorCode[]> = {};
  for (const code of new Set(codes)) {
    groups[ERROR_STATUS[code]] ??= [];
    groups[ERROR_STATUS[code]]!.push(code);
  }
  return groups;
}

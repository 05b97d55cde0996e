/** The OpenAPI document, made from the table of routes and the schemas that requests are checked with. */
import { z } from 'zod';
import type { ErrorCode } from '../../../cache/index.ts';
import type { AccessNeed } from '../../access/index.ts';
import { problemSchema } from '../../api/index.ts';
import { packageVersion } from '../../package/index.ts';
import { ERROR_STATUS } from '../answers/index.ts';
import type { Content, Operation, OperationAnswer, Route } from '../route/index.ts';
import { ANSWER_HEADERS, type AnswerHeader, PATH_PARTS, REQUEST_HEADERS } from '../route/index.ts';

/** May come of any request: a header that does not fit, a bug, a server that is late. */
const OF_ALL: readonly ErrorCode[] = ['invalid_request', 'internal', 'deadline_exceeded'];

/** May come of any request that needs a key, where keys are on. */
const OF_LOCKED: readonly ErrorCode[] = [
  'unauthorized',
  'forbidden',
  'too_many_requests',
  'source_unavailable',
];

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: unknown;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly summary: string;
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

export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const { method, operations, access } of routes)
    for (const operation of operations) {
      paths[operation.path] ??= {};
      paths[operation.path]![method.toLowerCase()] = describe(operation, access);
    }
  return {
    openapi: '3.1.0',
    info: {
      title: 'nearbox',
      version: packageVersion(),
      description:
        'A click in a LiDAR cloud, answered with a fitted 3D box. Metres, radians, milliseconds; +z up; the cloud’s own coordinates.',
    },
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'Where keys are on' } },
    },
  };
}

function describe(operation: Operation, access: AccessNeed): OpenApiOperation {
  const { id, summary, body, answers } = operation;
  const responses: Record<string, { readonly description: string }> = {};
  for (const [status, answer] of Object.entries(answers)) responses[status] = describeAnswer(answer);
  for (const [status, codes] of Object.entries(
    byStatus([...operation.errors, ...OF_ALL, ...(access === 'open' ? [] : OF_LOCKED)]),
  ))
    responses[status] = {
      description: codes.map((code) => `\`${code}\``).join(', '),
      ...{
        headers: headersOf(ERROR_HEADERS[status] ?? []),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    };
  return {
    operationId: id,
    summary,
    parameters: parametersOf(operation),
    // A key, or nothing where keys are off.
    ...(access !== 'open' && { security: [{ key: [] }, {}] }),
    ...(body && { requestBody: { required: true, content: bodyOf(body, operation.example) } }),
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

function describeAnswer({ description, content, headers = [], links }: OperationAnswer) {
  const contents = content === undefined ? [] : Array.isArray(content) ? content : [content as Content];
  return {
    description,
    headers: headersOf(headers),
    ...(contents.length > 0 && { content: contentOf(contents) }),
    ...(links && { links }),
  };
}

function bodyOf(schema: z.ZodType, example: unknown) {
  return {
    'application/json': { schema: jsonSchema(schema, 'input'), ...(example !== undefined && { example }) },
  };
}

function headersOf(names: readonly AnswerHeader[]): Record<string, unknown> {
  const all: AnswerHeader[] = ['X-Request-Id', ...names];
  return Object.fromEntries(all.map((name) => [name, { required: true, ...ANSWER_HEADERS[name] }]));
}

function parametersOf({ path, query, headers = [] }: Operation): OpenApiParameter[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']): OpenApiParameter => {
    const part = PATH_PARTS[name];
    if (part === undefined) throw new Error(`${path} has a parameter that is not described: ${name}`);
    return { name, in: 'path', required: true, ...part };
  });
  const schema = query && (jsonSchema(query, 'input') as { properties: object; required?: string[] });
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

function contentOf(contents: readonly Content[]): Record<string, unknown> {
  const entries = contents.map((content) =>
    content instanceof z.ZodType
      ? ['application/json', { schema: jsonSchema(content, 'output') }]
      : [content.mediaType, content.schema ? { schema: jsonSchema(content.schema, 'output') } : {}],
  );
  return Object.fromEntries(entries);
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema: made }) => plainTuple(made),
  });
  return rest;
}

/** A tuple whose parts are alike, said as an array of fixed length: generators and fuzzers know little of `prefixItems`. */
function plainTuple(made: z.core.JSONSchema.BaseSchema): void {
  const parts = made.prefixItems;
  if (parts === undefined || new Set(parts.map((part) => JSON.stringify(part))).size !== 1) return;
  delete made.prefixItems;
  Object.assign(made, { items: parts[0], minItems: parts.length, maxItems: parts.length });
}

function byStatus(codes: readonly ErrorCode[]): Record<string, ErrorCode[]> {
  const groups: Record<string, ErrorCode[]> = {};
  for (const code of new Set(codes)) {
    groups[ERROR_STATUS[code]] ??= [];
    groups[ERROR_STATUS[code]]!.push(code);
  }
  return groups;
}

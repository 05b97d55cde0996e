/** The OpenAPI document, made from the table of routes and the schemas that requests are checked with. */
import { z } from 'zod';
import type { ErrorCode } from '../../cache/index.ts';
import { packageVersion } from '../package-version.ts';
import { problemSchema } from './answer-schemas.ts';
import { ERROR_STATUS } from './problem.ts';
import type { Content, Operation, Route } from './route.ts';

/** May come of any request: a header that does not fit, a bug, a server that is late. */
const OF_ALL: readonly ErrorCode[] = ['invalid_request', 'internal', 'deadline_exceeded'];

const PARAMETERS: Readonly<Record<string, string>> = {
  cloud: 'The cloud’s id; it keeps its slashes',
  file: 'The path of a file of the format, below the cloud’s folder',
  version: 'The version, as `GET /v1/clouds/{cloud}` says it',
  key: 'The node: `D-X-Y-Z`',
};

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
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: unknown;
}

export function openApiDocument(routes: readonly Route[]): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const { method, operations } of routes)
    for (const operation of operations) {
      paths[operation.path] ??= {};
      paths[operation.path]![method.toLowerCase()] = describe(operation);
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
    components: { schemas: { Problem: jsonSchema(problemSchema, 'output') } },
  };
}

function describe(operation: Operation): OpenApiOperation {
  const { id, summary, body, answers } = operation;
  const responses: Record<string, { readonly description: string }> = {};
  for (const [status, { description, content }] of Object.entries(answers))
    responses[status] = { description, ...(content && { content: contentOf(content, 'output') }) };
  for (const [status, codes] of Object.entries(byStatus([...operation.errors, ...OF_ALL])))
    responses[status] = {
      description: codes.map((code) => `\`${code}\``).join(', '),
      ...{ content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    };
  return {
    operationId: id,
    summary,
    parameters: parametersOf(operation),
    ...(body && { requestBody: { required: true, content: contentOf(body, 'input') } }),
    responses,
  };
}

function parametersOf({ path, query }: Operation): OpenApiParameter[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']): OpenApiParameter => {
    const description = PARAMETERS[name];
    return {
      name,
      in: 'path',
      required: true,
      ...(description !== undefined && { description }),
      schema: { type: 'string' },
    };
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
  const timeout: OpenApiParameter = {
    name: 'Timeout-Ms',
    in: 'header',
    required: false,
    description: 'The deadline, clamped by the server',
    schema: { type: 'integer', minimum: 1 },
  };
  return [...inPath, ...inQuery, timeout];
}

function contentOf(content: Content, io: 'input' | 'output'): Record<string, unknown> {
  if (content instanceof z.ZodType) return { 'application/json': { schema: jsonSchema(content, io) } };
  return { [content.mediaType]: {} };
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

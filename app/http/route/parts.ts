/** The named parts of the OpenAPI document: parameters of paths, and headers of requests and answers. */
import { z } from 'zod';
import { CLOUD_SEGMENT_PATTERN } from '../../../octree/index.ts';

/** A parameter or header: what it means, its JSON Schema, and a value that works on the built-in demo. */
export interface Part {
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly example?: string | number;
}

const plainSegment = String.raw`^(?!\.{1,2}$)[^\u0000-\u001f\u007f\\/]+$`;
const text = { type: 'string' } as const;

/** OpenAPI has no parameter that holds a slash: the patterns are those of one segment. */
export const PATH_PARTS: Readonly<Record<string, Part>> = {
  cloud: {
    description: 'The cloud’s id. One of several segments keeps its slashes, each segment percent-encoded',
    schema: { ...text, pattern: CLOUD_SEGMENT_PATTERN, maxLength: 255 },
    example: '000000',
  },
  file: {
    description: 'The path of a file of the format below the cloud’s folder; it keeps its slashes',
    schema: { ...text, pattern: plainSegment, maxLength: 255 },
    example: 'ept.json',
  },
  version: {
    description: 'The version, as `GET /v1/clouds/{cloud}` says it',
    schema: { ...text, pattern: '^[A-Za-z0-9_-]+$', maxLength: 64 },
  },
  key: {
    description: 'The node: `D-X-Y-Z`',
    schema: { ...text, pattern: String.raw`^\d{1,2}-\d{1,9}-\d{1,9}-\d{1,9}$` },
    example: '0-0-0-0',
  },
  camera: {
    description: 'The camera’s name, as `GET /v1/cameras/{cloud}` says it',
    schema: { ...text, pattern: '^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$' },
  },
  name: { description: 'A name that the page has in it', schema: { ...text, pattern: plainSegment } },
};

/** Headers that a request may have. */
export const REQUEST_HEADERS = {
  'Timeout-Ms': {
    description: 'The deadline in milliseconds, clamped by the server',
    schema: { type: 'number', exclusiveMinimum: 0 },
  },
  'X-Request-Id': {
    description: 'The request’s name in logs and problems; one that does not fit is replaced',
    schema: text,
  },
  // What cannot be read in the next three is ignored (RFC 9110), so any text is valid.
  'If-None-Match': { description: 'Entity tags that the caller has: 304 if one of them fits', schema: text },
  'If-Match': {
    description: 'The entity tag of the state that is replaced; 412 if it is not the present one',
    schema: text,
  },
  Range: {
    description: 'One range of bytes; several are answered with the whole file',
    schema: text,
    example: 'bytes=0-15',
  },
  'X-Original-URI': {
    description: 'Path and query of the tile that a cache in front was asked for',
    schema: text,
  },
  'If-Range': { description: 'The range is only wanted of what has this entity tag', schema: text },
} as const satisfies Record<string, Part>;

/** Headers that an answer may have. */
export const ANSWER_HEADERS = {
  'X-Request-Id': { description: 'The request’s id: the caller’s, or a new one', schema: text },
  ETag: { description: 'Stands for what is answered; strong', schema: { ...text, pattern: '^"[^"]+"$' } },
  'Cache-Control': { description: 'How long the answer may be kept', schema: text },
  'Accept-Ranges': { description: 'Ranges of bytes may be asked for', schema: { ...text, const: 'bytes' } },
  'Content-Range': {
    description: 'Which bytes these are, or how many there are',
    schema: { ...text, pattern: String.raw`^bytes (?:\d+-\d+|\*)/\d+$` },
  },
  RateLimit: { description: 'What is left of the caller’s share, and until when', schema: text },
  'RateLimit-Policy': { description: 'The caller’s share, and its window', schema: text },
  'WWW-Authenticate': { description: 'What kind of key is needed', schema: text },
  'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer', minimum: 0 } },
  'Server-Timing': { description: 'The stages of the answer, milliseconds', schema: text },
  'Nearbox-Prediction-Id': { description: 'The id of the prediction', schema: z.toJSONSchema(z.uuid()) },
  'Nearbox-Truncated': { description: '`true` where the points are the nearest of more', schema: text },
  'Nearbox-Cost': { description: 'What the answer cost: a dictionary of counts', schema: text },
} as const satisfies Record<string, Part>;

export type RequestHeader = keyof typeof REQUEST_HEADERS;
export type AnswerHeader = keyof typeof ANSWER_HEADERS;

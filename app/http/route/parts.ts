/** The named parts of the OpenAPI document: parameters of paths, and headers of requests and answers. */
import { z } from 'zod';
import { CLOUD_SEGMENT_PATTERN } from '../../../octree/index.ts';

/** A parameter or header: its meaning, its JSON Schema, and a value that works with the built-in demo. */
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
    description:
      'The cloud’s id. The slashes of an id with several segments stay; each segment is percent-encoded',
    schema: { ...text, pattern: CLOUD_SEGMENT_PATTERN, maxLength: 255 },
    example: '000000',
  },
  file: {
    description: 'The path of a stored file below the cloud’s folder; its slashes stay',
    schema: { ...text, pattern: plainSegment, maxLength: 255 },
    example: 'ept.json',
  },
  version: {
    description: 'The version, as in the answer of `GET /v1/clouds/{cloud}`',
    schema: { ...text, pattern: '^[A-Za-z0-9_-]+$', maxLength: 64 },
  },
  key: {
    description: 'The key of the node, `D-X-Y-Z`',
    schema: { ...text, pattern: String.raw`^\d{1,2}-\d{1,9}-\d{1,9}-\d{1,9}$` },
    example: '0-0-0-0',
  },
  camera: {
    description: 'The name of the camera, as in the answer of `GET /v1/cameras/{cloud}`',
    schema: { ...text, pattern: '^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$' },
  },
  name: { description: 'The name of a file of the page', schema: { ...text, pattern: plainSegment } },
};

/** Headers of requests. */
export const REQUEST_HEADERS = {
  'Timeout-Ms': {
    description: 'The deadline of the request in milliseconds; the server limits it',
    schema: { type: 'number', exclusiveMinimum: 0 },
  },
  'X-Request-Id': {
    description: 'The id of the request in logs and problems; an invalid one is replaced',
    schema: text,
  },
  'Nearbox-Cloud': {
    description:
      'The cloud of the body, written as in a path, for balancers that send a cloud to its instance; the server does not read it',
    schema: text,
    example: '000000',
  },
  // Invalid values of the next three are ignored (RFC 9110), so any text is valid.
  'If-None-Match': {
    description: 'Entity tags that the caller has; the answer is 304 if one of them matches',
    schema: text,
  },
  'If-Match': {
    description: 'The entity tag of the state to replace; the answer is 412 if it is not the current one',
    schema: text,
  },
  Range: {
    description: 'One range of bytes; for several ranges, the answer is the whole file',
    schema: text,
    example: 'bytes=0-15',
  },
  'X-Original-URI': {
    description: 'Path and query of the tile that a client requested from the cache in front',
    schema: text,
  },
  'If-Range': {
    description: 'The range applies only if the entity tag is this one; else the answer is the whole file',
    schema: text,
  },
} as const satisfies Record<string, Part>;

/** Headers of answers. */
export const ANSWER_HEADERS = {
  'X-Request-Id': { description: 'The id of the request: that of the caller, or a new one', schema: text },
  ETag: { description: 'The strong entity tag of the answer', schema: { ...text, pattern: '^"[^"]+"$' } },
  'Cache-Control': { description: 'How long caches can keep the answer', schema: text },
  'Accept-Ranges': { description: 'Ranges of bytes are supported', schema: { ...text, const: 'bytes' } },
  'Content-Range': {
    description: 'The range of the answer and the size of the file; for 416, only the size',
    schema: { ...text, pattern: String.raw`^bytes (?:\d+-\d+|\*)/\d+$` },
  },
  RateLimit: { description: 'What is left of the caller’s quota, and when the window ends', schema: text },
  'RateLimit-Policy': { description: 'The caller’s quota, and the length of its window', schema: text },
  'WWW-Authenticate': { description: 'The kind of key that is needed', schema: text },
  'Retry-After': {
    description: 'Seconds to wait before the next attempt',
    schema: { type: 'integer', minimum: 0 },
  },
  'Server-Timing': { description: 'Durations of the stages of the answer, milliseconds', schema: text },
  'Nearbox-Prediction-Id': { description: 'The id of the prediction', schema: z.toJSONSchema(z.uuid()) },
  'Nearbox-Truncated': {
    description: '`true` if there are more points, and these are the nearest ones',
    schema: text,
  },
  'Nearbox-Cost': { description: 'What was read for the answer: a dictionary of counts', schema: text },
} as const satisfies Record<string, Part>;

export type RequestHeader = keyof typeof REQUEST_HEADERS;
export type AnswerHeader = keyof typeof ANSWER_HEADERS;

/**
 * The points of every cloud format in one compact form, for the page: the hierarchy with counts, nodes ready
 * to draw, and their colours. Versioned URLs are immutable; `docs/page.md` describes both.
 */
import type { Context } from 'hono';
import { NearboxError } from '../../../../cache/index.ts';
import {
  type CloudInfo,
  type CloudOptions,
  checkCloudId,
  type DecodedNode,
  type DescribeOptions,
  Key,
  type NodeListing,
  type NodeOptions,
} from '../../../../octree/index.ts';
import {
  COLOURS_MEDIA_TYPE,
  encodeNodeColours,
  encodeNodePayload,
  NODE_MEDIA_TYPE,
} from '../../../page/cloud/index.ts';
import { segmentsBehind } from '../../requests/index.ts';
import { LARGE_ANSWER_BYTES, type RequestScope } from '../../route/index.ts';
import { nodeColours } from './node-colours.ts';
import { nodePayload } from './node-payload.ts';

/**
 * What the routes need of a reader. A `version` that is not the present one is `version_gone`, a node that is
 * not there `not_found`.
 */
export interface ServedPoints {
  cloud(id: string, options?: DescribeOptions): Promise<CloudInfo>;
  /** The node and those below it, breadth first, at most `limit` of them. */
  nodesBelow(
    id: string,
    version: string,
    key: Key,
    limit: number,
    options?: CloudOptions,
  ): Promise<NodeListing>;
  node(id: string, version: string, key: Key, options?: NodeOptions): Promise<DecodedNode>;
}

/** What a handler needs of the request's scope; room where it is counted. */
type PointsScope = Pick<RequestScope, 'signal' | 'access'> & Partial<Pick<RequestScope, 'room'>>;

export interface PointsRoute {
  readonly method: 'GET';
  readonly path: string;
  readonly access: 'clouds';
  readonly answerBytes: number;
  readonly handler: (c: Context, scope: PointsScope) => Promise<Response>;
}

/** Nodes that one listing names at most; what lies below is asked for by the keys in `more`. */
const MAX_LISTED_NODES = 4000;
const IMMUTABLE = 'public, max-age=31536000, immutable';

export function pointsRoutes(points: ServedPoints): PointsRoute[] {
  return [
    {
      method: 'GET',
      path: '/points/*',
      access: 'clouds',
      answerBytes: LARGE_ANSWER_BYTES,
      handler: async (c, { signal, access, room }) => {
        const asked = parsePath(c.req.path);
        access.require(asked.cloud);
        if (asked.what === 'cloud') {
          const { frame, ...info } = await points.cloud(asked.cloud, { signal, looksForColour: true });
          const { pose = null, timestamp = null } = frame ?? {};
          const body = {
            ...info,
            ...(pose !== null && { pose }),
            ...(timestamp !== null && { timestamp }),
          };
          return c.json(body, 200, { 'cache-control': 'no-cache', etag: `"${info.version}"` });
        }
        const { cloud, version, key } = asked;
        if (asked.what === 'hierarchy') {
          const { nodes, more } = await points.nodesBelow(cloud, version, key, MAX_LISTED_NODES, { signal });
          const listing = { root: Key.format(key), nodes: Object.fromEntries(nodes), more };
          return c.json(listing, 200, { 'cache-control': IMMUTABLE });
        }
        const headers = (type: string) => ({ 'content-type': type, 'cache-control': IMMUTABLE });
        if (asked.what === 'colours') {
          const node = await points.node(cloud, version, key, { signal, dimensions: ['colour'] });
          const colours = encodeNodeColours(nodeColours(node));
          room?.resize(colours.byteLength);
          return c.body(colours, 200, headers(COLOURS_MEDIA_TYPE));
        }
        const node = await points.node(cloud, version, key, { signal });
        const payload = encodeNodePayload(nodePayload(node));
        room?.resize(payload.byteLength);
        return c.body(payload, 200, headers(NODE_MEDIA_TYPE));
      },
    },
  ];
}

const NODE_PARTS = ['hierarchy', 'nodes', 'colours'] as const;
type NodePart = (typeof NODE_PARTS)[number];

type AskedNode =
  | { readonly what: 'cloud'; readonly cloud: string }
  | {
      readonly what: NodePart;
      readonly cloud: string;
      readonly version: string;
      readonly key: Key;
    };

/** `/points/{cloud}`, and `/points/~{version}/{cloud}/{part}/{D-X-Y-Z}` with one of `NODE_PARTS`. */
function parsePath(path: string): AskedNode {
  const parts = segmentsBehind(path, '/points/');
  const first = parts[0] ?? '';
  if (!first.startsWith('~')) {
    const cloud = parts.join('/');
    checkCloudId(cloud);
    return { what: 'cloud', cloud };
  }
  const [last, name] = parts.slice(-2);
  const what = NODE_PARTS.find((part) => part === last);
  const cloud = parts.slice(1, -2).join('/');
  const key = name === undefined ? null : Key.parse(name);
  if (what === undefined || key === null || parts.length < 4)
    throw new NearboxError(
      'not_found',
      'below /points/~VERSION/CLOUD there are hierarchy/D-X-Y-Z, nodes/D-X-Y-Z and colours/D-X-Y-Z',
    );
  checkCloudId(cloud);
  return { what, cloud, version: first.slice(1), key };
}

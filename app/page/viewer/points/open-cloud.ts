/** One cloud as far as it has been loaded: its tree, its nodes, and the requests for more. */
import * as THREE from 'three';
import type { Vec3 } from '../../../../inference/boxes/index.ts';
import type { Bounds } from '../../../../octree/geometry/index.ts';
import type { ApiClient, CloudSummary } from '../../api/index.ts';
import type { PointList } from '../../cloud/index.ts';
import {
  collect,
  decodeNodeColours,
  decodeNodePayload,
  type LoadedNode,
  type NodeColours,
  type NodePayload,
  NodeTree,
  type TreeNode,
} from '../../cloud/index.ts';
import { NodeRequests, type NodeRequestsOptions } from './node-requests.ts';

const ROOT = '0-0-0-0';

/** The name of the request for the colours of a node. */
export function coloursOf(node: string): string {
  return `colours ${node}`;
}

export type PointsApi = Pick<ApiClient, 'cloud' | 'listing' | 'node' | 'colours'>;

export interface DrawnNode extends LoadedNode {
  readonly object: THREE.Points;
  /** Red, green and blue of its points; null until they are asked for and come. */
  colours: NodeColours | null;
  /** The number of the last choice of nodes that this one was in. */
  lastChosen: number;
}

export interface CloudLoadOptions extends NodeRequestsOptions {
  readonly api: PointsApi;
  readonly summary: CloudSummary;
  /**
   * Makes what is drawn of a node. `ownScale`: what its own colours are multiplied by; 0 while they are not
   * there.
   */
  readonly draw: (cube: Bounds, payload: NodePayload, ownScale: () => number) => THREE.Points;
  /** A node or a listing has come. */
  readonly onLoaded: (node: DrawnNode | null) => void;
}

export class OpenCloud {
  readonly summary: CloudSummary;
  readonly tree: NodeTree;
  readonly nodes = new Map<string, DrawnNode>();
  readonly requests: NodeRequests;
  readonly #options: CloudLoadOptions;
  /** Colours of 16 bits: some node has values above 255. */
  #hasWideColours = false;
  /** True once the server has another version: nothing more will come. */
  #isGone = false;

  constructor(options: CloudLoadOptions) {
    this.#options = options;
    this.summary = options.summary;
    this.tree = new NodeTree(options.summary.cube, options.summary.spacing);
    this.requests = new NodeRequests(options);
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** The server has another version of the cloud: nothing more is asked for. */
  end(): void {
    this.#isGone = true;
    this.requests.close();
  }

  /** What the scene's coordinates are measured from: float64, near the points. */
  get sceneOrigin(): Vec3 {
    const { min, max } = this.summary.bounds;
    const middle = [0, 1, 2].map((k) => Math.round((min[k]! + max[k]!) / 2));
    return this.summary.sensor ?? (middle as unknown as Vec3);
  }

  /**
   * Where the scanner stood: what the cloud says, else its origin if that lies in it (CONTRACT.md, `sensor`).
   */
  get sensor(): Vec3 | null {
    const { min, max } = this.summary.bounds;
    const holdsOrigin = min[0] <= 0 && max[0] >= 0 && min[1] <= 0 && max[1] >= 0;
    return this.summary.sensor ?? (holdsOrigin ? [0, 0, 0] : null);
  }

  get pointsLoaded(): number {
    let total = 0;
    for (const { payload } of this.nodes.values()) total += payload.count;
    return total;
  }

  /** The loaded points in the bounds. */
  pointsIn(bounds: Bounds): PointList {
    return collect(this.nodes.values(), bounds);
  }

  /** Loads the first listing and the points of the root: enough for the frame to be shown. */
  async loadRoot(signal: AbortSignal): Promise<void> {
    const { id, version } = this.summary;
    const points = this.#options.api.node(id, version, ROOT, signal);
    points.catch(() => undefined);
    this.tree.add(await this.#options.api.listing(id, version, ROOT, signal));
    if ((this.tree.get(ROOT)?.count ?? 0) > 0) this.#take(ROOT, await points);
  }

  async loadListing(name: string, signal: AbortSignal): Promise<void> {
    const { id, version } = this.summary;
    this.tree.add(await this.#options.api.listing(id, version, name, signal));
    this.#options.onLoaded(null);
  }

  async loadNode(name: string, signal: AbortSignal): Promise<void> {
    const { id, version } = this.summary;
    this.#options.onLoaded(this.#take(name, await this.#options.api.node(id, version, name, signal)));
  }

  /** Loads the colours of a node that is there. */
  async loadColours(name: string, signal: AbortSignal): Promise<void> {
    const { id, version } = this.summary;
    const colours = decodeNodeColours(await this.#options.api.colours(id, version, name, signal));
    const node = this.nodes.get(name);
    if (node === undefined) return;
    node.colours = colours;
    if (colours.areWide) this.#hasWideColours = true;
    if (colours.rgb.length === 3 * node.payload.count)
      node.object.geometry.setAttribute('own', new THREE.BufferAttribute(colours.rgb, 3, true));
    this.#options.onLoaded(null);
  }

  /** True if every node is loaded, with its colours where those are wanted, or will not come. */
  hasAll(nodes: readonly TreeNode[], withColours = false): boolean {
    const { failed } = this.requests;
    return nodes.every(({ name }) => {
      const node = this.nodes.get(name);
      if (node === undefined) return failed.has(name);
      return !withColours || node.colours !== null || failed.has(coloursOf(name));
    });
  }

  /**
   * Frees the nodes that were not chosen for longest, down to so many points. Returns what is no longer
   * drawn.
   */
  evict(points: number, choice: number): THREE.Points[] {
    let total = this.pointsLoaded;
    if (total <= points) return [];
    const idle = [...this.nodes.values()]
      .filter(({ lastChosen }) => lastChosen < choice)
      .sort((a, b) => a.lastChosen - b.lastChosen);
    const gone: THREE.Points[] = [];
    for (const node of idle) {
      if (total <= points) break;
      total -= node.payload.count;
      node.object.geometry.dispose();
      gone.push(node.object);
      this.nodes.delete(node.name);
    }
    return gone;
  }

  /** Frees what the graphics card holds of the cloud. */
  dispose(): void {
    this.requests.close();
    for (const { object } of this.nodes.values()) object.geometry.dispose();
  }

  #ownScale({ colours }: DrawnNode): number {
    if (colours === null || colours.rgb.length === 0) return 0;
    // Only the other nodes tell whether a node without values above 255 has bytes, or is dark.
    return this.#hasWideColours && !colours.areWide ? 1 / 256 : 1;
  }

  #take(name: string, bytes: ArrayBuffer): DrawnNode {
    const payload = decodeNodePayload(bytes);
    const { cube } = this.tree.get(name)!;
    const object = this.#options.draw(cube, payload, () => this.#ownScale(node));
    const node: DrawnNode = { name, cube, payload, object, colours: null, lastChosen: 0 };
    this.nodes.set(name, node);
    return node;
  }
}

/** The points of the open frame: chosen by level of detail, fetched coarse first, kept on the GPU while they are of use. */
import * as THREE from 'three';
import type { Vec3 } from '../../../inference/boxes/index.ts';
import { Bounds } from '../../../octree/geometry/index.ts';
import type { ApiClient } from '../api/client.ts';
import { ApiError, type CloudSummary } from '../api/types.ts';
import { moved } from '../boxes/edit.ts';
import { chooseNodes, type LodOptions } from '../cloud/lod.ts';
import { decodeNodePayload } from '../cloud/node-format.ts';
import { NodeTree, type TreeNode } from '../cloud/node-tree.ts';
import type { PointList } from '../cloud/point-list.ts';
import { collect, type LoadedNode } from '../cloud/scan.ts';
import type { ColouredBox, PointMaterial } from './point-material.ts';

const ROOT = '0-0-0-0';
/** Requests for nodes at once; browsers open six connections to a host over HTTP/1.1. */
const MAX_REQUESTS = 6;
/** Frames whose nodes stay in memory after they were left. */
const KEPT_FRAMES = 6;
/** A request that failed by the way (no connection, a busy server) is made again after such pauses, milliseconds. */
const RETRY_AFTER = [500, 2000, 8000] as const;

interface DrawnNode extends LoadedNode {
  readonly object: THREE.Points;
  lastChosen: number;
}

/** One cloud as far as it has come. */
interface OpenCloud {
  readonly summary: CloudSummary;
  readonly tree: NodeTree;
  readonly nodes: Map<string, DrawnNode>;
  /** What will not come any more. */
  readonly failed: Set<string>;
  /** How often a request has failed that may yet succeed. */
  readonly attempts: Map<string, number>;
  /** Requests that wait for their next attempt. */
  readonly resting: Set<string>;
  /** The root's points, asked for along with the first listing. */
  root: Promise<ArrayBuffer> | null;
  /** True once the server has another version: nothing more will come. */
  isGone: boolean;
}

export interface CloudLayerOptions {
  readonly api: Pick<ApiClient, 'cloud' | 'listing' | 'node'>;
  readonly material: PointMaterial;
  /** Something has come that can be drawn. */
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
  /** The open cloud has another version now: what is shown is of the past. */
  readonly onGone: (id: string) => void;
}

export class CloudLayer {
  readonly group = new THREE.Group();
  readonly #options: CloudLayerOptions;
  readonly #clouds = new Map<string, OpenCloud>();
  readonly #requests = new Map<string, AbortController>();
  #current: OpenCloud | null = null;
  #wanted: readonly TreeNode[] = [];
  #boxes: readonly ColouredBox[] = [];
  #choices = 0;
  #sceneOrigin: Vec3 = [0, 0, 0];
  #drawn = 0;

  constructor(options: CloudLayerOptions) {
    this.#options = options;
  }

  get summary(): CloudSummary | null {
    return this.#current?.summary ?? null;
  }

  /** What the scene's coordinates are told from: float64, near the points. */
  get sceneOrigin(): Vec3 {
    return this.#sceneOrigin;
  }

  /** Points on the screen at the last choice. */
  get pointsDrawn(): number {
    return this.#drawn;
  }

  /** Points that are kept for the open cloud, drawn or not. */
  get pointsLoaded(): number {
    let total = 0;
    for (const { payload } of this.loaded()) total += payload.count;
    return total;
  }

  /** True if nothing that was chosen is still to come. */
  get isComplete(): boolean {
    const current = this.#current;
    if (current === null || this.#wanted.length === 0) return false;
    return this.#wanted.every(({ name }) => current.nodes.has(name) || current.failed.has(name));
  }

  /** Opens a frame; what it has loaded before is there at once. */
  async open(id: string, signal: AbortSignal): Promise<CloudSummary> {
    this.#abortRequests();
    let cloud = this.#clouds.get(id);
    if (cloud === undefined) {
      const summary = await this.#options.api.cloud(id, signal);
      const tree = new NodeTree(summary.cube, summary.spacing);
      const root = this.#options.api.node(id, summary.version, ROOT, signal);
      root.catch(() => undefined);
      tree.add(await this.#options.api.listing(id, summary.version, ROOT, signal));
      cloud = {
        summary,
        tree,
        nodes: new Map(),
        failed: new Set(),
        attempts: new Map(),
        resting: new Set(),
        root,
        isGone: false,
      };
    }
    signal.throwIfAborted();
    this.#clouds.delete(id);
    this.#clouds.set(id, cloud);
    this.#show(cloud);
    for (const old of [...this.#clouds.keys()].slice(0, -KEPT_FRAMES)) this.#forget(old);
    return cloud.summary;
  }

  /** Boxes by whose class the points in them are coloured; in the cloud's coordinates. */
  setBoxes(boxes: readonly ColouredBox[]): void {
    const [x, y, z] = this.#sceneOrigin;
    this.#boxes = boxes.map(({ box, colour }) => ({ box: moved(box, [-x, -y, -z]), colour }));
  }

  /** Chooses what to draw, shows what is there of it, and fetches the rest. */
  choose(options: LodOptions): void {
    const current = this.#current;
    if (current === null) return;
    const choice = chooseNodes(current.tree, options);
    this.#wanted = choice.nodes;
    this.#choices += 1;
    this.#drawn = 0;
    const wanted = new Set(choice.nodes.map(({ name }) => name));
    for (const [name, node] of current.nodes) {
      node.object.visible = wanted.has(name);
      if (!node.object.visible) continue;
      node.lastChosen = this.#choices;
      this.#drawn += node.payload.count;
    }
    for (const [name, request] of this.#requests)
      if (!wanted.has(name) && !name.startsWith('list ')) request.abort();
    for (const name of choice.listings)
      this.#request(current, `list ${name}`, (signal) => this.#list(current, name, signal));
    this.#fetchNext(current);
    this.#evict(current, 2 * options.budget);
  }

  /** Draws no more than the best nodes with so many points, for as long as the camera moves. */
  limit(points: number): void {
    const current = this.#current;
    if (current === null) return;
    let left = points;
    this.#drawn = 0;
    for (const { name, count } of this.#wanted) {
      const node = current.nodes.get(name);
      if (node === undefined) continue;
      node.object.visible = left >= count;
      if (!node.object.visible) continue;
      left -= count;
      this.#drawn += count;
    }
  }

  /** Draws with only those nodes that reach into the bounds. */
  showOnlyNear(bounds: Bounds, draw: () => void): void {
    const hidden: THREE.Points[] = [];
    for (const { object, cube } of this.#current?.nodes.values() ?? []) {
      if (!object.visible || Bounds.intersect(cube, bounds)) continue;
      object.visible = false;
      hidden.push(object);
    }
    draw();
    for (const object of hidden) object.visible = true;
  }

  loaded(): Iterable<LoadedNode> {
    return this.#current?.nodes.values() ?? [];
  }

  pointsIn(bounds: Bounds): PointList {
    return collect(this.loaded(), bounds);
  }

  /** True if every node that may have points in the bounds is loaded. */
  hasAll(bounds: Bounds): boolean {
    return (
      this.isComplete &&
      this.#wanted.some(({ key }) => key.depth === 0) &&
      [...(this.#current?.failed ?? [])].every(
        (name) => !Bounds.intersect(this.#current!.tree.get(name)!.cube, bounds),
      )
    );
  }

  /** Values of the coarsest points, to spread colours over. */
  sample(value: 'height' | 'intensity' | 'distance', eye: Vec3): number[] {
    const values: number[] = [];
    for (const { payload } of this.loaded()) {
      const { data, origin, step, intensity, count } = payload;
      const stride = 4 * Math.max(1, Math.floor(count / 2000));
      for (let i = 0; i < 4 * count; i += stride) {
        const at = ([0, 1, 2] as const).map((k) => origin[k] + data[i + k]! * step[k] - this.#sceneOrigin[k]);
        if (value === 'height') values.push(at[2]!);
        else if (value === 'intensity') values.push(intensity.offset + data[i + 3]! * intensity.scale);
        else values.push(Math.hypot(at[0]! - eye[0], at[1]! - eye[1], at[2]! - eye[2]));
      }
      if (values.length > 20_000) break;
    }
    return values;
  }

  #show(cloud: OpenCloud): void {
    const { min, max } = cloud.summary.bounds;
    const middle = [0, 1, 2].map((k) => Math.round((min[k]! + max[k]!) / 2));
    this.#sceneOrigin = cloud.summary.sensor ?? (middle as unknown as Vec3);
    this.group.clear();
    const before = this.#current;
    this.#current = cloud;
    if (before !== null && this.#clouds.get(before.summary.id) !== before) dispose(before);
    this.#wanted = [];
    for (const node of cloud.nodes.values()) this.#place(node);
    this.#options.onChange();
  }

  #place({ object, payload }: DrawnNode): void {
    const { origin, step } = payload;
    const [x, y, z] = this.#sceneOrigin;
    object.position.set(origin[0] - x, origin[1] - y, origin[2] - z);
    object.scale.set(...step);
    object.updateMatrixWorld(true);
    this.group.add(object);
  }

  #fetchNext(cloud: OpenCloud): void {
    for (const { name } of this.#wanted) {
      if (this.#requests.size >= MAX_REQUESTS) return;
      if (cloud.nodes.has(name)) continue;
      this.#request(cloud, name, (signal) => this.#load(cloud, name, signal));
    }
  }

  /** Runs one request, unless it is under way or has failed, and goes on with the next when it is done. */
  #request(cloud: OpenCloud, name: string, run: (signal: AbortSignal) => Promise<void>): void {
    if (cloud.isGone || this.#requests.has(name) || cloud.failed.has(name) || cloud.resting.has(name)) return;
    const controller = new AbortController();
    this.#requests.set(name, controller);
    const done = () => {
      if (this.#requests.get(name) === controller) this.#requests.delete(name);
      if (this.#current === cloud) this.#fetchNext(cloud);
    };
    run(controller.signal).then(done, (error: unknown) => {
      if (!controller.signal.aborted) this.#fail(cloud, name, error);
      done();
    });
  }

  #fail(cloud: OpenCloud, name: string, error: unknown): void {
    const attempt = cloud.attempts.get(name) ?? 0;
    const pause = isPassing(error) ? RETRY_AFTER[attempt] : undefined;
    if (pause !== undefined) {
      cloud.attempts.set(name, attempt + 1);
      cloud.resting.add(name);
      setTimeout(() => {
        cloud.resting.delete(name);
        if (this.#current === cloud) this.#options.onChange();
      }, pause);
      return;
    }
    cloud.failed.add(name);
    const isGone = error instanceof ApiError && error.code === 'version_gone';
    if (!isGone) this.#options.onError(error);
    else if (!cloud.isGone) {
      cloud.isGone = true;
      this.#forget(cloud.summary.id);
      if (this.#current === cloud) this.#options.onGone(cloud.summary.id);
    }
  }

  async #list(cloud: OpenCloud, name: string, signal: AbortSignal): Promise<void> {
    const { id, version } = cloud.summary;
    cloud.tree.add(await this.#options.api.listing(id, version, name, signal));
    this.#options.onChange();
  }

  async #load(cloud: OpenCloud, name: string, signal: AbortSignal): Promise<void> {
    const { id, version } = cloud.summary;
    const early = name === ROOT ? cloud.root : null;
    cloud.root = null;
    const payload = decodeNodePayload(await (early ?? this.#options.api.node(id, version, name, signal)));
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute('position', new THREE.BufferAttribute(payload.data, 4));
    const object = new THREE.Points(geometry, this.#options.material.material);
    object.frustumCulled = false;
    object.matrixAutoUpdate = true;
    const { cube } = cloud.tree.get(name)!;
    const node: DrawnNode = { name, cube, payload, object, lastChosen: this.#choices };
    object.onBeforeRender = () => {
      const [x, y, z] = this.#sceneOrigin;
      const own: Bounds = {
        min: [cube.min[0] - x, cube.min[1] - y, cube.min[2] - z],
        max: [cube.max[0] - x, cube.max[1] - y, cube.max[2] - z],
      };
      this.#options.material.prepareNode(
        payload.intensity,
        this.#boxes.filter(({ box }) => Bounds.intersect(own, boundsOf(box))),
      );
    };
    cloud.nodes.set(name, node);
    if (this.#current !== cloud) return;
    this.#place(node);
    this.#options.onChange();
  }

  /** Frees the nodes that were not chosen for longest, down to so many points. */
  #evict(cloud: OpenCloud, points: number): void {
    let total = 0;
    for (const { payload } of cloud.nodes.values()) total += payload.count;
    if (total <= points) return;
    const idle = [...cloud.nodes.values()]
      .filter(({ lastChosen }) => lastChosen < this.#choices)
      .sort((a, b) => a.lastChosen - b.lastChosen);
    for (const node of idle) {
      if (total <= points) return;
      total -= node.payload.count;
      node.object.geometry.dispose();
      this.group.remove(node.object);
      cloud.nodes.delete(node.name);
    }
  }

  /** Lets go of a cloud; what is on the screen stays there until another takes its place. */
  #forget(id: string): void {
    const cloud = this.#clouds.get(id);
    if (cloud === undefined) return;
    this.#clouds.delete(id);
    if (cloud !== this.#current) dispose(cloud);
  }

  #abortRequests(): void {
    for (const request of this.#requests.values()) request.abort();
    this.#requests.clear();
  }
}

function dispose({ nodes }: OpenCloud): void {
  for (const { object } of nodes.values()) object.geometry.dispose();
}

/** True for what may be over in a moment: no connection, or a server that is busy or was interrupted. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
}

/** Bounds of a box however it is turned. */
export function boundsOf(
  { center, size }: { readonly center: Vec3; readonly size: Vec3 },
  margin = 0,
): Bounds {
  const reach = Math.hypot(size[0], size[1]) / 2 + margin;
  const high = size[2] / 2 + margin;
  return {
    min: [center[0] - reach, center[1] - reach, center[2] - high],
    max: [center[0] + reach, center[1] + reach, center[2] + high],
  };
}

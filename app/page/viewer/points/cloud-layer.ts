/**
 * The points of the open frame: chosen by level of detail, fetched coarse first, kept while they are of use.
 */
import * as THREE from 'three';
import type { Vec3 } from '../../../../inference/boxes/index.ts';
import { Bounds } from '../../../../octree/geometry/index.ts';
import { ApiError, type CloudSummary } from '../../api/index.ts';
import { moved } from '../../boxes/index.ts';
import type { LoadedNode, NodePayload, PointList, TreeNode } from '../../cloud/index.ts';
import { chooseNodes, type LodOptions } from '../../cloud/index.ts';
import { boundsOf } from './bounds-of.ts';
import { coloursOf, type DrawnNode, OpenCloud, type PointsApi } from './open-cloud.ts';
import { type ColouredBox, NO_BOXES, type PointMaterial } from './point-material.ts';
import { sampleValues } from './value-sample.ts';

/** Frames whose nodes stay in memory after they were left. */
const KEPT_FRAMES = 6;

export interface CloudLayerOptions {
  readonly api: PointsApi;
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
  #current: OpenCloud | null = null;
  #wanted: readonly TreeNode[] = [];
  #boxes: readonly ColouredBox[] = NO_BOXES;
  #choices = 0;
  #sceneOrigin: Vec3 = [0, 0, 0];
  #drawn = 0;
  #showsOwnColours = false;

  constructor(options: CloudLayerOptions) {
    this.#options = options;
    // Nodes stand still once they are placed.
    this.group.matrixAutoUpdate = false;
  }

  /** The cloud that is shown. */
  get current(): OpenCloud | null {
    return this.#current;
  }

  get summary(): CloudSummary | null {
    return this.#current?.summary ?? null;
  }

  /** What the scene's coordinates are measured from: float64, near the points. */
  get sceneOrigin(): Vec3 {
    return this.#sceneOrigin;
  }

  /** Points on the screen at the last choice. */
  get pointsDrawn(): number {
    return this.#drawn;
  }

  /** Points that are kept for the open cloud, drawn or not. */
  get pointsLoaded(): number {
    return this.#current?.pointsLoaded ?? 0;
  }

  /** True if nothing that was chosen is still to come. */
  get isComplete(): boolean {
    const current = this.#current;
    return current !== null && this.#wanted.length > 0 && current.hasAll(this.#wanted, this.#needsColours);
  }

  /** Nodes are wanted with the colours that the cloud has of its own. */
  get #needsColours(): boolean {
    return this.#showsOwnColours && this.#current?.summary.hasColour === true;
  }

  /** Whether the colours that clouds have of their own are fetched and drawn. */
  showOwnColours(shows: boolean): void {
    if (shows === this.#showsOwnColours) return;
    this.#showsOwnColours = shows;
    this.#options.onChange();
  }

  /** Loads a frame until it can be shown; what was loaded of it before is there at once. */
  async load(id: string, signal: AbortSignal): Promise<OpenCloud> {
    const known = this.#clouds.get(id);
    if (known !== undefined) return known;
    const cloud = this.#newCloud(await this.#options.api.cloud(id, signal));
    await cloud.loadRoot(signal);
    signal.throwIfAborted();
    return cloud;
  }

  /** An answer has told the version of a cloud: points of another one are not kept. */
  noteVersion(id: string, version: string): void {
    const cloud = this.#clouds.get(id);
    if (cloud !== undefined && cloud.summary.version !== version) this.#end(cloud);
  }

  /** Shows a loaded frame in place of the one before. */
  show(cloud: OpenCloud): void {
    const { id } = cloud.summary;
    const before = this.#current;
    if (before !== cloud) before?.requests.abortAll();
    this.#clouds.delete(id);
    this.#clouds.set(id, cloud);
    this.#sceneOrigin = cloud.sceneOrigin;
    this.group.clear();
    this.#current = cloud;
    if (before !== null && before !== cloud && this.#clouds.get(before.summary.id) !== before)
      before.dispose();
    this.#wanted = [];
    for (const node of cloud.nodes.values()) this.#place(node);
    for (const old of [...this.#clouds.keys()].slice(0, -KEPT_FRAMES)) this.#forget(old);
    this.#options.onChange();
  }

  /** Boxes by whose class the points in them are coloured; in the cloud's coordinates. */
  setBoxes(boxes: readonly ColouredBox[]): void {
    const [x, y, z] = this.#sceneOrigin;
    this.#boxes = boxes.map(({ box, colour }) => ({ box: moved(box, [-x, -y, -z]), colour }));
  }

  /**
   * Chooses what to draw, shows what is there of it, and fetches the rest. While the camera moves, what is
   * under way may come: a turn there and back would ask for it again.
   */
  choose(options: LodOptions, isMoving = false): void {
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
    if (this.#needsColours) for (const { name } of choice.nodes) wanted.add(coloursOf(name));
    if (!isMoving) current.requests.keepOnly((name) => wanted.has(name) || name.startsWith('list '));
    for (const name of choice.listings)
      current.requests.start(`list ${name}`, (signal) => current.loadListing(name, signal));
    this.#fetchNext();
    for (const object of current.evict(2 * options.budget, this.#choices)) this.group.remove(object);
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

  /** The nodes that are on the screen. */
  *drawn(): Iterable<LoadedNode> {
    for (const node of this.#current?.nodes.values() ?? []) if (node.object.visible) yield node;
  }

  pointsIn(bounds: Bounds): PointList {
    return this.#current?.pointsIn(bounds) ?? { origin: [0, 0, 0], xyz: new Float32Array(0) };
  }

  /** True if every node that may have points in the bounds is loaded. */
  hasAll(bounds: Bounds): boolean {
    const current = this.#current;
    return (
      current?.hasAll(this.#wanted) === true &&
      this.#wanted.some(({ key }) => key.depth === 0) &&
      [...current.requests.failed].every((name) => {
        const node = current.tree.get(name);
        return node === undefined || !Bounds.intersect(node.cube, bounds);
      })
    );
  }

  /** Values of the coarsest points, to spread colours over. */
  sample(value: 'height' | 'intensity' | 'distance', eye: Vec3): number[] {
    return sampleValues(this.loaded(), value, this.#sceneOrigin, eye);
  }

  /** The server can be reached again: what failed in passing is asked for at once. */
  retryNow(): void {
    this.#current?.requests.retryNow();
    this.#options.onChange();
  }

  #newCloud(summary: CloudSummary): OpenCloud {
    const cloud: OpenCloud = new OpenCloud({
      api: this.#options.api,
      summary,
      draw: (cube, payload, ownScale) => this.#pointsOf(cube, payload, ownScale),
      onFree: () => {
        if (this.#current === cloud) this.#fetchNext();
      },
      onRested: () => {
        if (this.#current === cloud) this.#options.onChange();
      },
      onLoaded: (node) => {
        if (this.#current !== cloud) return;
        if (node !== null) this.#place(node);
        this.#options.onChange();
      },
      onFailed: (_, error) => this.#onFailed(cloud, error),
    });
    return cloud;
  }

  #fetchNext(): void {
    const current = this.#current;
    if (current === null) return;
    for (const { name } of this.#wanted) {
      if (current.requests.isFull) return;
      if (current.nodes.has(name)) continue;
      current.requests.start(name, (signal) => current.loadNode(name, signal));
    }
    if (!this.#needsColours) return;
    for (const { name } of this.#wanted) {
      if (current.requests.isFull) return;
      if (current.nodes.get(name)?.colours !== null) continue;
      current.requests.start(coloursOf(name), (signal) => current.loadColours(name, signal));
    }
  }

  #onFailed(cloud: OpenCloud, error: unknown): void {
    const isGone = error instanceof ApiError && error.code === 'version_gone';
    if (!isGone) {
      if (this.#current === cloud) this.#options.onError(error);
      return;
    }
    if (!cloud.isGone) this.#end(cloud);
  }

  #end(cloud: OpenCloud): void {
    cloud.end();
    this.#forget(cloud.summary.id);
    if (this.#current === cloud) this.#options.onGone(cloud.summary.id);
  }

  #pointsOf(cube: Bounds, payload: NodePayload, ownScale: () => number): THREE.Points {
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute('position', new THREE.BufferAttribute(payload.data, 4));
    const object = new THREE.Points(geometry, this.#options.material.material);
    object.frustumCulled = false;
    object.matrixAutoUpdate = false;
    let known: readonly ColouredBox[] | null = null;
    let boxes = NO_BOXES;
    object.onBeforeRender = () => {
      if (known !== this.#boxes) {
        known = this.#boxes;
        boxes = this.#boxesIn(cube);
      }
      this.#options.material.prepareNode(payload.intensity, boxes, ownScale());
    };
    return object;
  }

  /** The coloured boxes that reach into a node of the shown cloud. */
  #boxesIn({ min, max }: Bounds): readonly ColouredBox[] {
    const [x, y, z] = this.#sceneOrigin;
    const own: Bounds = {
      min: [min[0] - x, min[1] - y, min[2] - z],
      max: [max[0] - x, max[1] - y, max[2] - z],
    };
    const boxes = this.#boxes.filter(({ box }) => Bounds.intersect(own, boundsOf(box)));
    return boxes.length === 0 ? NO_BOXES : boxes;
  }

  #place({ object, payload }: DrawnNode): void {
    const { origin, step } = payload;
    const [x, y, z] = this.#sceneOrigin;
    object.position.set(origin[0] - x, origin[1] - y, origin[2] - z);
    object.scale.set(...step);
    object.updateMatrix();
    object.updateMatrixWorld(true);
    this.group.add(object);
  }

  /** Lets go of a cloud; what is on the screen stays there until another takes its place. */
  #forget(id: string): void {
    const cloud = this.#clouds.get(id);
    if (cloud === undefined) return;
    this.#clouds.delete(id);
    if (cloud !== this.#current) cloud.dispose();
  }
}

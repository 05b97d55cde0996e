/** One WebGL canvas under all views; draws when something changed, and knows what that cost. */
import * as THREE from 'three';
import { PointPace } from '../../cloud/index.ts';
import type { PointMaterial } from '../points/index.ts';
import { boundsOf, type CloudLayer } from '../points/index.ts';
import type { MainView, SideView, View } from '../views/index.ts';
import { PictureTimer } from './picture-timer.ts';

export interface StageOptions {
  readonly canvas: HTMLCanvasElement;
  readonly main: MainView;
  readonly sides: readonly SideView[];
  readonly layer: CloudLayer;
  readonly material: PointMaterial;
  /** Called before each picture: choose points, place overlays. */
  readonly beforeDraw: (isMoving: boolean) => void;
  /** Called before each view of a picture: shows what belongs to it alone. */
  readonly beforeView: (view: View) => void;
  /** Another number of points is to be chosen from now on. */
  readonly onPace: () => void;
}

/** Figures of the last pictures, for the status line and the bench. */
export interface StageStats {
  frames: number;
  /** Time on the main thread of the last picture, milliseconds. */
  mainThreadMs: number;
  /** The same for the last pictures, newest last. */
  readonly recentMs: number[];
  /** Between the last two pictures while the camera moved, milliseconds. */
  intervalMs: number;
}

/**
 * While the camera moves, pictures should come at least so often, milliseconds; fewer points are drawn until
 * they do.
 */
const SLOWEST_INTERVAL_MS = 45;
const FEWEST_MOVING_POINTS = 120_000;
/**
 * Between pictures of points that come in, milliseconds: at least this, and no more than that unless the
 * graphics are still at work.
 */
const ARRIVALS_INTERVAL_MS = 100;
const LONGEST_ARRIVALS_INTERVAL_MS = 1500;
const SHORTEST_ARRIVALS_PAUSE_MS = 10;
const SIDE_POINT_PIXELS = 3;
const KEPT_FIGURES = 300;
/** How far around the box side views show points, metres. */
const SIDE_REACH = 12;

export class Stage {
  readonly scene = new THREE.Scene();
  readonly stats: StageStats = { frames: 0, mainThreadMs: 0, recentMs: [], intervalMs: 0 };
  /** Points drawn at once when the camera stands still. */
  budget = 1_500_000;
  pointSize = 2;
  readonly #options: StageOptions;
  readonly #renderer: THREE.WebGLRenderer;
  readonly #timer: PictureTimer;
  readonly #pace = new PointPace();
  #movingBudget = 600_000;
  #isAsked = false;
  #isMoving = false;
  #last = 0;
  #soon: ReturnType<typeof setTimeout> | null = null;
  #afterDraw: (() => void)[] = [];

  constructor(options: StageOptions) {
    this.#options = options;
    this.#renderer = new THREE.WebGLRenderer({ canvas: options.canvas, antialias: false, alpha: true });
    this.#timer = new PictureTimer(this.#renderer.getContext() as WebGL2RenderingContext);
    this.#renderer.setPixelRatio(Math.min(2, devicePixelRatio));
    this.#renderer.autoClear = false;
    this.#renderer.setClearColor(0x000000, 0);
    this.scene.add(options.layer.group);
    // It stays where it is: three would place everything in it anew for every picture.
    this.scene.matrixAutoUpdate = false;
    const observer = new ResizeObserver(() => this.request());
    for (const { element } of [options.main, ...options.sides]) observer.observe(element);
  }

  /** Draws soon. Any number of requests make one picture. */
  request(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame((now) => {
      this.#isAsked = false;
      this.#draw(now);
    });
  }

  /**
   * Draws before long: for points that come in, of which there are many in a row. Leaves the graphics half of
   * their time.
   */
  requestSoon(): void {
    if (this.#isAsked || this.#soon !== null) return;
    const pause = Math.min(
      LONGEST_ARRIVALS_INTERVAL_MS,
      Math.max(ARRIVALS_INTERVAL_MS, 2 * this.#timer.lastMs),
    );
    this.#soon = setTimeout(
      () => {
        this.#soon = null;
        if (this.#timer.isBusy) this.requestSoon();
        else this.request();
      },
      Math.max(SHORTEST_ARRIVALS_PAUSE_MS, this.#last + pause - performance.now()),
    );
  }

  /** What a view at rest may have on this machine: the budget, or less where the graphics are slow. */
  get pacedBudget(): number {
    return Math.min(this.budget, this.#pace.limit);
  }

  /** How long the graphics worked on the last picture that is done, milliseconds. */
  get graphicsMs(): number {
    return this.#timer.lastMs;
  }

  /** Calls back once the next picture is drawn. */
  afterNextDraw(done: () => void): void {
    this.#afterDraw.push(done);
    this.request();
  }

  #draw(now: number): void {
    const { main, layer, beforeDraw } = this.#options;
    const began = performance.now();
    const interval = now - this.#last;
    this.#last = now;
    const wasMoving = this.#isMoving;
    this.#isMoving = main.update(Math.min(0.1, interval / 1000));
    this.#resize();
    beforeDraw(this.#isMoving);
    if (this.#isMoving) {
      if (wasMoving) this.#adapt(interval);
      layer.limit(Math.min(this.pacedBudget, this.#movingBudget));
    }
    const handedOver = performance.now();
    this.#drawViews();
    const { pointsDrawn } = layer;
    this.#timer.drawn(handedOver, (ms) => {
      if (this.#pace.took(pointsDrawn, ms)) this.#options.onPace();
    });
    this.stats.frames += 1;
    this.stats.mainThreadMs = performance.now() - began;
    this.stats.recentMs.push(this.stats.mainThreadMs);
    if (this.stats.recentMs.length > KEPT_FIGURES) this.stats.recentMs.shift();
    const waiting = this.#afterDraw;
    this.#afterDraw = [];
    for (const done of waiting) done();
    // One more picture after the camera has come to rest: the one with all points.
    if (this.#isMoving || wasMoving) this.request();
  }

  /** Fewer points while pictures come too slowly, more when there is time to spare. */
  #adapt(interval: number): void {
    this.stats.intervalMs = interval;
    if (interval > SLOWEST_INTERVAL_MS)
      this.#movingBudget = Math.max(FEWEST_MOVING_POINTS, this.#movingBudget * 0.85);
    else if (interval < SLOWEST_INTERVAL_MS / 2)
      this.#movingBudget = Math.min(this.budget, this.#movingBudget * 1.1);
  }

  #resize(): void {
    const { canvas } = this.#options;
    const size = this.#renderer.getSize(new THREE.Vector2());
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (size.x !== width || size.y !== height) this.#renderer.setSize(width, height, false);
  }

  #drawViews(): void {
    const { canvas, main, sides, material, layer, beforeView } = this.#options;
    const renderer = this.#renderer;
    const area = canvas.getBoundingClientRect();
    renderer.setScissorTest(false);
    renderer.clear();
    renderer.setScissorTest(true);
    const drawView = (view: View, pointSize: number) => {
      if (!view.isShown) return;
      const rect = view.element.getBoundingClientRect();
      if (rect.width < 2 || rect.height < 2) return;
      const bottom = area.bottom - rect.bottom;
      renderer.setViewport(rect.left - area.left, bottom, rect.width, rect.height);
      renderer.setScissor(rect.left - area.left, bottom, rect.width, rect.height);
      beforeView(view);
      material.setPointSize(pointSize * renderer.getPixelRatio());
      renderer.render(this.scene, view.camera);
    };
    drawView(main, this.pointSize);
    for (const view of sides) {
      if (view.frame === null) continue;
      layer.showOnlyNear(boundsOf(view.frame, SIDE_REACH), () => drawView(view, SIDE_POINT_PIXELS));
    }
  }
}

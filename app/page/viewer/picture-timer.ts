/** How long the graphics work on a picture after the page has handed it over: nothing on a good card, seconds where WebGL is rendered in software. */

const POLL_MS = 10;
/** Browsers let timers of tabs in the background run once a second. */
const LOOKS_APART_MS = 900;

export class PictureTimer {
  readonly #gl: WebGL2RenderingContext;
  /** The end of the commands of the picture in work. */
  #fence: WebGLSync | null = null;
  /** Of the last picture that is done: from its first command to its last pixel, milliseconds. */
  lastMs = 0;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  get isBusy(): boolean {
    return this.#fence !== null;
  }

  /**
   * To be called after the commands of a picture, with the time of the first one; calls back when it is done. While one picture is in work
   * others are not timed.
   */
  drawn(beganAt: number, done: (ms: number) => void): void {
    if (this.#fence !== null) return;
    this.#fence = this.#gl.fenceSync(this.#gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    this.#gl.flush();
    this.#look(beganAt, beganAt, done);
  }

  /** Where looks are too far apart to tell (a tab in the background), counts up to the last one that saw the work not done. */
  #look(beganAt: number, busyUntil: number, done: (ms: number) => void): void {
    const fence = this.#fence;
    if (fence === null) return;
    const now = performance.now();
    const gl = this.#gl;
    const isDone = gl.isContextLost() || gl.getSyncParameter(fence, gl.SYNC_STATUS) === gl.SIGNALED;
    if (!isDone) {
      setTimeout(() => this.#look(beganAt, now, done), POLL_MS);
      return;
    }
    gl.deleteSync(fence);
    this.#fence = null;
    this.lastMs = (now - busyUntil < LOOKS_APART_MS ? now : busyUntil) - beganAt;
    done(this.lastMs);
  }
}

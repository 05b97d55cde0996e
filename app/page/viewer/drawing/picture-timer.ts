/**
 * How long the graphics work on a picture after the page has handed it over: nothing on a good card, seconds
 * where WebGL is rendered in software.
 */

const POLL_MS = 10;

export class PictureTimer {
  readonly #gl: WebGL2RenderingContext;
  /** The end of the commands of the picture in work. */
  #fence: WebGLSync | null = null;
  /**
   * True once the page was out of sight while a picture was in work: nothing is drawn then, and timers are
   * late.
   */
  #wasHidden = false;
  /** Of the last picture that is done: from its first command to its last pixel, milliseconds. */
  lastMs = 0;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    document.addEventListener('visibilitychange', () => {
      this.#wasHidden = true;
    });
  }

  get isBusy(): boolean {
    return this.#fence !== null;
  }

  /**
   * To be called after the commands of a picture, with the time of the first one; calls back when it is done,
   * unless the page was out of sight. While one picture is in work others are not timed.
   */
  drawn(beganAt: number, done: (ms: number) => void): void {
    if (this.#fence !== null) return;
    this.#wasHidden = document.hidden;
    this.#fence = this.#gl.fenceSync(this.#gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    this.#gl.flush();
    this.#look(beganAt, done);
  }

  #look(beganAt: number, done: (ms: number) => void): void {
    const fence = this.#fence;
    if (fence === null) return;
    const gl = this.#gl;
    const isDone = gl.isContextLost() || gl.getSyncParameter(fence, gl.SYNC_STATUS) === gl.SIGNALED;
    if (!isDone) {
      setTimeout(() => this.#look(beganAt, done), POLL_MS);
      return;
    }
    gl.deleteSync(fence);
    this.#fence = null;
    if (this.#wasHidden) return;
    this.lastMs = performance.now() - beganAt;
    done(this.lastMs);
  }
}

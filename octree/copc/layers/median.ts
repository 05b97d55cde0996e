/** Five recent values in order, the middle one of which predicts the next. Which value leaves for a new one is part of the LAZ format. */
const KEPT = 5;
const MIDDLE = 2;

export class Medians {
  readonly #values: Int32Array;
  readonly #dropsGreatest: Uint8Array;

  /** `count` sets of five, all zero at first. */
  constructor(count: number) {
    this.#values = new Int32Array(count * KEPT);
    this.#dropsGreatest = new Uint8Array(count).fill(1);
  }

  get(set: number): number {
    return this.#values[set * KEPT + MIDDLE]!;
  }

  /** Puts a value in its place; the greatest leaves, or the least, until new values begin to lie on that side of the middle. */
  add(set: number, value: number): void {
    const values = this.#values;
    const first = set * KEPT;
    const middle = values[first + MIDDLE]!;
    if (this.#dropsGreatest[set] === 1) {
      let at = first + KEPT - 1;
      for (; at > first && values[at - 1]! > value; at--) values[at] = values[at - 1]!;
      values[at] = value;
      if (value >= middle) this.#dropsGreatest[set] = 0;
    } else {
      let at = first;
      for (const last = first + KEPT - 1; at < last && values[at + 1]! < value; at++)
        values[at] = values[at + 1]!;
      values[at] = value;
      if (value <= middle) this.#dropsGreatest[set] = 1;
    }
  }
}

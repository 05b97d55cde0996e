/** How many points the selected box has, as text. */
import type { Box } from '../../../inference/boxes/index.ts';
import { countInside } from '../boxes/index.ts';
import { boundsOf, type CloudLayer } from './points/index.ts';

export class PointCounts {
  readonly #layer: CloudLayer;
  /** Counting takes a while and is asked for at every picture. */
  readonly #known = new WeakMap<Box, { readonly text: string; readonly drawn: number }>();

  constructor(layer: CloudLayer) {
    this.#layer = layer;
  }

  /** `412 points`, or `380+ points` while more may come. */
  text(box: Box): string {
    const layer = this.#layer;
    const drawn = layer.isComplete ? -1 : layer.pointsDrawn;
    const known = this.#known.get(box);
    if (known?.drawn === drawn) return known.text;
    const count = countInside(box, layer.pointsIn(boundsOf(box)));
    const text = `${count}${drawn === -1 ? '' : '+'} points`;
    this.#known.set(box, { text, drawn });
    return text;
  }
}

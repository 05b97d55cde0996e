/**
 * Runs the checks over the frames of a sequence. Points are looked at in the frame that is open; what they
 * said of a box is remembered while the box stays as it is.
 */
import {
  type BoxEvidence,
  type BoxFinding,
  type CheckedFrame,
  checkBoxes,
  evidenceOf,
  findingText,
  REACH_METRES,
} from '../../../inference/checks/index.ts';
import type { FramePlace } from '../api/index.ts';
import { className, type Label, labelsOf, sequenceOf, shortId, type Work } from '../model/index.ts';
import type { FramePoints } from '../session/index.ts';

export interface WorkFinding {
  readonly frame: string;
  readonly id: string;
  /** `car 7 has no points`. */
  readonly text: string;
}

export class WorkChecks {
  readonly #places: (frames: readonly string[]) => Promise<readonly (FramePlace | null)[]>;
  readonly #evidence = new WeakMap<Label, BoxEvidence>();

  constructor(places: (frames: readonly string[]) => Promise<readonly (FramePlace | null)[]>) {
    this.#places = places;
  }

  /** To be called with the points of the open frame once all around its boxes are there. */
  look(labels: readonly Label[], points: FramePoints): void {
    for (const label of labels) {
      if (this.#evidence.has(label)) continue;
      const { center } = label.box;
      const at = (side: 1 | -1) =>
        center.map((value) => value + side * REACH_METRES) as [number, number, number];
      const { origin, xyz } = points.pointsIn({ min: at(-1), max: at(1) });
      const near = xyz.map((value, i) => value + origin[i % 3]! - center[i % 3]!);
      const others = labels.filter((other) => other !== label).map(({ box }) => box);
      this.#evidence.set(label, evidenceOf(label.box, near, others));
    }
  }

  /** What is unlikely to be right in the sequence of a frame. */
  async find(work: Work, all: readonly string[], frame: string): Promise<readonly WorkFinding[]> {
    const frames = sequenceOf(all, frame);
    const places = await this.#places(frames);
    const isPosed = places.every((place) => place?.pose != null);
    const isTimed = places.every((place) => place?.timestamp != null);
    const checked = frames.map(
      (id, k): CheckedFrame => ({
        id,
        sequence: '',
        timestamp: isTimed ? places[k]!.timestamp : null,
        pose: isPosed ? places[k]!.pose : null,
        objects: labelsOf(work, id).map((label) => ({
          id: label.id,
          class: label.class,
          box: label.box,
          evidence: this.#evidence.get(label) ?? null,
        })),
      }),
    );
    return checkBoxes(checked).map((finding) => named(finding, labelsOf(work, finding.frame)));
  }
}

function named(finding: BoxFinding, labels: readonly Label[]): WorkFinding {
  const label = labels[finding.index]!;
  const { id } = label;
  return { frame: finding.frame, id, text: `${className(label)} ${shortId(id)} ${findingText(finding)}` };
}

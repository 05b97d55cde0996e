/** Runs the checks over the frames of a sequence, and looks at the points that they need. */
import {
  type BoxFinding,
  type CheckedFrame,
  checkBoxes,
  findingText,
} from '../../../inference/checks/index.ts';
import type { FramePlace } from '../api/index.ts';
import { className, type Label, labelsOf, sequenceOf, shortId, type Work } from '../model/index.ts';
import { type EvidenceOptions, WorkEvidence } from './work-evidence.ts';

export interface WorkFinding {
  readonly frame: string;
  readonly id: string;
  /** `car 7 has no points`. */
  readonly text: string;
}

export interface WorkChecksOptions extends EvidenceOptions {
  readonly places: (frames: readonly string[]) => Promise<readonly (FramePlace | null)[]>;
}

export class WorkChecks {
  readonly #places: WorkChecksOptions['places'];
  readonly #evidence: WorkEvidence;

  constructor({ places, ...options }: WorkChecksOptions) {
    this.#places = places;
    this.#evidence = new WorkEvidence(options);
  }

  /** Frames of a sequence with boxes whose points nobody has looked at yet: the given one first. */
  open(work: Work, all: readonly string[], frame: string): readonly string[] {
    const others = sequenceOf(all, frame).filter((one) => one !== frame);
    const isOpen = (one: string) => labelsOf(work, one).some((label) => this.#evidence.isOpen(label));
    return [frame, ...others].filter(isOpen);
  }

  /** Looks at the points of a frame's boxes. Rejects while the server cannot be reached. */
  look(work: Work, frame: string, signal: AbortSignal): Promise<void> {
    return this.#evidence.look(frame, labelsOf(work, frame), signal);
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
          evidence: this.#evidence.of(label),
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

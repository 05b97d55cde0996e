/** What the page says of the project's profile. */
import { OBJECT_CLASSES } from '../../../inference/classes/index.ts';
import type { LearntProfile } from '../session/index.ts';

const PLURALS: Readonly<Record<string, string>> = { bus: 'buses', other: 'others' };

/** `drawn like 34 cars of this project`: the class that most is known of. */
export function profileText({ counts }: LearntProfile): string {
  const [most] = OBJECT_CLASSES.filter((name) => (counts[name] ?? 0) > 0).sort(
    (a, b) => counts[b]! - counts[a]!,
  );
  if (most === undefined) return '';
  const count = counts[most]!;
  return `drawn like ${count} ${count === 1 ? most : (PLURALS[most] ?? `${most}s`)} of this project`;
}

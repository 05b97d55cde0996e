/** A note in the head of a panel: how many frames have boxes of another version of their cloud. */
import { byId } from '../../dom/index.ts';

/** Frames that are named when the pointer rests on the note. */
const MOST_NAMED = 20;

/** @param id the element of the note; it is hidden while there is nothing to say */
export function otherVersionsNote(id: string) {
  const place = byId(id);
  return (frames: readonly string[], notCompared = 0): void => {
    const count = (of: number) => (of === 1 ? '1 frame' : `${of} frames`);
    const parts = [
      ...(frames.length > 0 ? [`Boxes of another version in ${count(frames.length)}`] : []),
      ...(notCompared > 0 ? [`${count(notCompared)} not compared yet`] : []),
    ];
    const text = parts.join('; ');
    // A status that is written again would be read out again.
    if (place.textContent !== text) place.textContent = text;
    place.hidden = text === '';
    const more = frames.length > MOST_NAMED ? ' …' : '';
    place.title = frames.slice(0, MOST_NAMED).join(', ') + more;
  };
}

/** Says how boxes are drawn: like those of this project, if the annotator wants that. */
import { byId } from '../dom/index.ts';
import { profileText } from '../project/index.ts';
import type { PageState } from '../session/index.ts';

const AS_NETWORK = 'drawn as the network draws';

export function profilePanel() {
  const button = byId('profile');
  let before: Pick<PageState, 'learnt' | 'usesProfile'> | null = null;
  return ({ learnt, usesProfile }: PageState): void => {
    if (before?.learnt === learnt && before.usesProfile === usesProfile) return;
    before = { learnt, usesProfile };
    const text = learnt === null ? '' : profileText(learnt);
    button.hidden = text === '';
    button.textContent = usesProfile && text !== '' ? text : AS_NETWORK;
    button.setAttribute('aria-pressed', String(usesProfile));
    const all = Object.entries(learnt?.counts ?? {}).map(([name, count]) => `${name}: ${count}`);
    button.title = `${text}\n${all.join(', ')}\nOn or off: Shift+J`;
  };
}

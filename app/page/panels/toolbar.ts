/** The bar at the top. */
import type { ColourMode } from '../cloud/index.ts';
import { byId, lookOf } from '../dom/index.ts';
import type { PageState, Store, Theme } from '../session/index.ts';
import { shortcutKey } from './keys/index.ts';

export function toolbar(store: Store) {
  const colour = byId<HTMLSelectElement>('colour');
  const theme = byId<HTMLSelectElement>('theme');
  colour.addEventListener('change', () => store.set({ colour: colour.value as ColourMode }));
  theme.addEventListener('change', () => store.set({ theme: theme.value as Theme }));
  for (const button of document.querySelectorAll<HTMLElement>('[data-action]')) {
    const key = shortcutKey(button.dataset.action!);
    if (key !== '') button.title = `${button.getAttribute('aria-label') ?? button.textContent} (${key})`;
  }
  const media = matchMedia('(prefers-color-scheme: light)');
  const applyTheme = () => {
    document.documentElement.dataset.look = lookOf(store.state.theme, media.matches);
  };
  media.addEventListener('change', () => store.set({}));

  return (state: PageState) => {
    applyTheme();
    colour.value = state.colour;
    colour.querySelector<HTMLOptionElement>('[value="own"]')!.disabled = !state.hasColour;
    theme.value = state.theme;
    for (const tool of ['click', 'box', 'lasso'] as const)
      byId(`tool-${tool}`).setAttribute('aria-pressed', String(state.tool === tool));
    byId<HTMLButtonElement>('undo').disabled = !state.canUndo;
    byId<HTMLButtonElement>('redo').disabled = !state.canRedo;
    byId<HTMLButtonElement>('copy').disabled =
      state.frames.indexOf(state.frame ?? '') >= state.frames.length - 1;
    byId('keep-size').setAttribute('aria-pressed', String(state.keepSize));
  };
}

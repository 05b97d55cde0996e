/** The menu *View* and the filter above the boxes: fields that set what is shown. */
import { type DisplaySettings, hasFilter, parseFilter } from '../../display/index.ts';
import { byId, closableMenu } from '../../dom/index.ts';
import type { PageState, Session } from '../../session/index.ts';

export function displayPanel(session: Session): (state: PageState) => void {
  closableMenu(byId<HTMLDetailsElement>('view-menu'));
  const fields = {
    filter: byId<HTMLInputElement>('filter'),
    names: byId<HTMLSelectElement>('names'),
    pointSize: byId<HTMLInputElement>('point-size'),
    low: byId<HTMLInputElement>('intensity-low'),
    high: byId<HTMLInputElement>('intensity-high'),
    from: byId<HTMLInputElement>('height-from'),
    to: byId<HTMLInputElement>('height-to'),
    ground: byId<HTMLInputElement>('hide-ground'),
  };
  const on = (field: HTMLElement, change: () => Partial<DisplaySettings>) =>
    field.addEventListener('input', () => session.setDisplay(change()));
  on(fields.filter, () => ({ filter: fields.filter.value }));
  on(fields.names, () => ({ names: fields.names.value as DisplaySettings['names'] }));
  on(fields.pointSize, () => ({ pointSize: fields.pointSize.valueAsNumber }));
  for (const field of [fields.low, fields.high])
    on(field, () => ({ intensity: sharesOf(fields.low.valueAsNumber, fields.high.valueAsNumber) }));
  for (const field of [fields.from, fields.to])
    on(field, () => ({ heights: [numberOrNull(fields.from), numberOrNull(fields.to)] }));
  on(fields.ground, () => ({ hidesGround: fields.ground.checked }));

  let before: DisplaySettings | null = null;
  return ({ display, tool }) => {
    byId('region').setAttribute('aria-pressed', String(tool === 'region' || display.region !== null));
    byId('measure').setAttribute('aria-pressed', String(tool === 'measure'));
    if (display === before) return;
    before = display;
    const { filter, names, pointSize, intensity, heights, hidesGround, isIsolated } = display;
    const show = (field: HTMLInputElement | HTMLSelectElement, value: string) => {
      if (document.activeElement !== field && field.value !== value) field.value = value;
    };
    show(fields.filter, filter);
    fields.filter.setAttribute('aria-invalid', String(parseFilter(filter) === null));
    show(fields.names, names);
    show(fields.pointSize, String(pointSize));
    show(fields.low, String(Math.round(100 * intensity[0])));
    show(fields.high, String(Math.round(100 * intensity[1])));
    show(fields.from, String(heights[0] ?? ''));
    show(fields.to, String(heights[1] ?? ''));
    fields.ground.checked = hidesGround;
    byId('isolate').setAttribute('aria-pressed', String(isIsolated));
    const isClipped =
      hasFilter(display) || hidesGround || display.region !== null || heights.some((z) => z !== null);
    byId('view-menu').classList.toggle('in-use', isClipped);
  };
}

function numberOrNull({ valueAsNumber }: HTMLInputElement): number | null {
  return Number.isFinite(valueAsNumber) ? valueAsNumber : null;
}

/** Two percentages as shares, the lower one first and apart. */
function sharesOf(low: number, high: number): readonly [number, number] {
  const [from, to] = [low, high].map((percent) => Math.max(0, Math.min(1, (percent || 0) / 100))) as [
    number,
    number,
  ];
  return [Math.min(from, to), Math.max(from, to, Math.min(from, to) + 0.01)];
}

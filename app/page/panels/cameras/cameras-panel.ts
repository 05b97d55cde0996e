/** The images of cameras over the view: the boxes in them, and clicks that find objects. */
import type { ApiClient } from '../../api/index.ts';
import { FrameCameras } from '../../cameras/index.ts';
import { shownLabels } from '../../display/index.ts';
import { byId } from '../../dom/index.ts';
import { type Label, labelsOf } from '../../model/index.ts';
import { styleOf } from '../../ontology/index.ts';
import type { PageState, Session } from '../../session/index.ts';
import { CameraFigure, type ImageClick } from './camera-figure.ts';

export interface CamerasPanelOptions {
  readonly session: Session;
  readonly api: Pick<ApiClient, 'cameras' | 'image'>;
  /** Whether the server has images of cameras. */
  readonly isOffered: boolean;
  readonly onClick: ImageClick;
}

export function camerasPanel({ session, api, isOffered, onClick }: CamerasPanelOptions) {
  const root = byId('cameras');
  const list = byId('cameras-list');
  byId('cameras-shown').hidden = !isOffered;
  let figures: CameraFigure[] = [];
  let key = '';
  let isWaiting = false;
  const cameras = new FrameCameras<ImageBitmap>({
    api,
    decode: (bytes) => createImageBitmap(bytes),
    release: (picture) => picture.close(),
    onChange: () => showSoon(),
    onError: (error) => session.say(error instanceof Error ? error.message : String(error), 'warn'),
  });

  function show(): void {
    isWaiting = false;
    if (root.hidden) return;
    const { work, frame, selected, ontology, display } = session.state;
    const shown = cameras.shown;
    const none = shown === undefined ? 'The images are on their way.' : 'There are no images of this frame.';
    byId('cameras-none').textContent = (shown?.length ?? 0) > 0 ? '' : none;
    // The same cameras, calibrated alike, stay where they are: the list does not jump from frame to frame.
    const wanted = JSON.stringify(shown?.map(({ camera }) => camera));
    if (shown !== undefined && wanted !== key) {
      key = wanted;
      figures = shown.map(({ camera }) => new CameraFigure(camera, onClick));
      list.replaceChildren(...figures.map(({ element }) => element));
    }
    const labels = frame === null ? [] : shownLabels(labelsOf(work, frame), display, selected);
    const colourOf = (label: Label) => styleOf(ontology, label).colour;
    for (const [k, figure] of figures.entries())
      figure.show({ picture: shown?.[k]?.picture ?? null, labels, selected, colourOf });
  }

  function showSoon(): void {
    if (isWaiting || root.hidden) return;
    isWaiting = true;
    requestAnimationFrame(show);
  }

  /** Brings the camera that sees the selected box best into sight. */
  function reveal(): void {
    const label = session.selected;
    if (label === undefined) return;
    const seen = figures
      .map((figure) => ({ figure, off: figure.offMiddle(label) }))
      .filter((one): one is { figure: CameraFigure; off: number } => one.off !== null)
      .sort((a, b) => a.off - b.off);
    seen[0]?.figure.element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  list.addEventListener('keydown', (event) => {
    const at = figures.findIndex(({ element }) => element === document.activeElement);
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (at === -1 || event.shiftKey || event.ctrlKey || event.altKey) return;
    if (event.key === 'Enter') root.classList.toggle('large');
    else if (step !== undefined) figures[at + step]?.element.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  list.addEventListener('dblclick', () => root.classList.toggle('large'));

  return (state: PageState, before: PageState): void => {
    root.hidden = !(isOffered && state.isCamerasShown);
    byId('cameras-shown').setAttribute('aria-pressed', String(!root.hidden));
    cameras.look(root.hidden ? null : state.frame);
    if (root.hidden) return;
    showSoon();
    if (state.selected !== before.selected) requestAnimationFrame(reveal);
  };
}

/** Exports and imports of label files. */

import { byId, closableMenu, h } from '../dom/index.ts';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  exportLabels,
  FORMAT_NAMES,
  importLabels,
  lossesIn,
} from '../formats/index.ts';
import type { OpenedLabels } from '../labels/index.ts';
import type { Session } from '../session/index.ts';

/** Frames that a message names at most. */
const MOST_NAMED = 3;

export interface FilesPanelOptions {
  /** Loads the labels of all frames, for an export to have them. */
  readonly loadAll: () => Promise<OpenedLabels>;
  /** Takes a file of an ontology; false if it is something else. */
  readonly takeOntology: (name: string, text: string) => boolean;
}

export function filesPanel(session: Session, { loadAll, takeOntology }: FilesPanelOptions): void {
  const menu = byId('export-menu');
  const close = closableMenu(byId<HTMLDetailsElement>('export'));
  menu.replaceChildren(
    ...EXPORT_FORMATS.map((format) =>
      h(
        'button',
        {
          'data-format': format,
          onclick: () => {
            void download(session, format, loadAll);
            close();
          },
        },
        FORMAT_NAMES[format],
      ),
    ),
  );
  const input = byId<HTMLInputElement>('import-files');
  byId('import').addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = '';
    void takeIn(session, files, takeOntology);
  });
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    void takeIn(session, [...(event.dataTransfer?.files ?? [])], takeOntology);
  });
}

async function download(
  session: Session,
  format: ExportFormat,
  loadAll: FilesPanelOptions['loadAll'],
): Promise<void> {
  let missing: string | null;
  let versions: string | null;
  try {
    const opened = await loadAll();
    missing = missingText(opened);
    versions = versionsText(opened);
  } catch (error) {
    session.say(`Nothing was exported. ${error instanceof Error ? error.message : String(error)}`, 'error');
    return;
  }
  const frames = session.exportFrames();
  if (frames.length === 0) {
    session.say(
      ['There are no boxes to export yet.', ...(missing === null ? [] : [missing])].join(' '),
      'warn',
    );
    return;
  }
  const { name, type, content } = await exportLabels(format, frames);
  const url = URL.createObjectURL(new Blob([content], { type }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  const count = frames.reduce((total, { labels }) => total + labels.length, 0);
  const but = [missing, versions, lossesIn(format, frames)].filter((text) => text !== null);
  session.say(
    [`${name} has ${count} ${count === 1 ? 'box' : 'boxes'}.`, ...but].join(' '),
    but.length === 0 ? 'info' : 'warn',
  );
}

async function takeIn(
  session: Session,
  files: readonly File[],
  takeOntology: FilesPanelOptions['takeOntology'],
): Promise<void> {
  if (files.length === 0) return;
  try {
    const read = await Promise.all(
      files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
    );
    const labels = read.filter(
      ({ name, bytes }) => !/\.json$/i.test(name) || !takeOntology(name, new TextDecoder().decode(bytes)),
    );
    if (labels.length === 0) return;
    const { frame, frames, ontology } = session.state;
    await session.importFrames(await importLabels(labels, { currentFrame: frame ?? '', frames, ontology }));
  } catch (error) {
    session.say(`Nothing was imported. ${error instanceof Error ? error.message : String(error)}`, 'error');
  }
}

/** What the file does not have; null: it has everything. */
function missingText({ isListed, unread }: OpenedLabels): string | null {
  if (isListed && unread.length === 0) return null;
  const frames = unread.length === 0 ? '' : ` (${named(unread)})`;
  return `The server cannot be reached: labels that it alone has${frames} are not in it.`;
}

/** Whose boxes may not fit the points of today; null: all do, as far as is known. */
function versionsText({ ofOtherVersions }: OpenedLabels): string | null {
  if (ofOtherVersions.length === 0) return null;
  return `Boxes of ${named(ofOtherVersions)} were made for another version of it.`;
}

function named(frames: readonly string[]): string {
  const more = frames.length - MOST_NAMED;
  return `${frames.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

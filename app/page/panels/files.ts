/** Exports and imports of label files. */

import { byId, closableMenu, h } from '../dom/index.ts';
import { EXPORT_FORMATS, type ExportFormat, FORMAT_NAMES } from '../exchange/index.ts';
import type { FileScript } from '../files/index.ts';
import type { OpenedLabels } from '../labels/index.ts';
import type { Session } from '../session/index.ts';

/** Frames that a message names at most. */
const MOST_NAMED = 3;

export interface FilesPanelOptions {
  readonly files: Pick<FileScript, 'load'>;
  /** Loads the labels of all frames, for an export to have them. */
  readonly loadAll: () => Promise<OpenedLabels>;
  /** Takes a file of an ontology; false if it is something else. */
  readonly takeOntology: (name: string, text: string) => Promise<boolean>;
}

export function filesPanel(session: Session, options: FilesPanelOptions): void {
  const menu = byId('export-menu');
  const close = closableMenu(byId<HTMLDetailsElement>('export'));
  menu.replaceChildren(
    ...EXPORT_FORMATS.map((format) =>
      h(
        'button',
        {
          'data-format': format,
          onclick: () => {
            void download(session, format, options);
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
    void takeIn(session, files, options);
  });
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    void takeIn(session, [...(event.dataTransfer?.files ?? [])], options);
  });
}

async function download(
  session: Session,
  format: ExportFormat,
  { files, loadAll }: FilesPanelOptions,
): Promise<void> {
  try {
    const { exportLabels, lossesIn } = await files.load();
    const opened = await loadAll();
    const missing = missingText(opened);
    const frames = session.exportFrames();
    if (frames.length === 0) {
      session.say(['There are no boxes to export yet.', missing ?? ''].join(' ').trim(), 'warn');
      return;
    }
    const { name, type, content } = await exportLabels(format, frames);
    const url = URL.createObjectURL(new Blob([content], { type }));
    h('a', { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    const count = frames.reduce((total, { labels }) => total + labels.length, 0);
    const but = [missing, versionsText(opened), lossesIn(format, frames)].filter((text) => text !== null);
    session.say(
      [`${name} has ${count} ${count === 1 ? 'box' : 'boxes'}.`, ...but].join(' '),
      but.length === 0 ? 'info' : 'warn',
    );
  } catch (error) {
    session.say(`Nothing was exported. ${error instanceof Error ? error.message : String(error)}`, 'error');
  }
}

async function takeIn(
  session: Session,
  given: readonly File[],
  { files, takeOntology }: FilesPanelOptions,
): Promise<void> {
  if (given.length === 0) return;
  try {
    const read = await Promise.all(
      given.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
    );
    const labels: typeof read = [];
    for (const file of read) {
      const isOntology =
        /\.json$/i.test(file.name) && (await takeOntology(file.name, new TextDecoder().decode(file.bytes)));
      if (!isOntology) labels.push(file);
    }
    if (labels.length === 0) return;
    const { importLabels } = await files.load();
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

/** Whose boxes may not fit the points of today; null: all do. */
function versionsText({ ofOtherVersions, notCompared }: OpenedLabels): string | null {
  const parts = [
    ofOtherVersions.length > 0 && `Boxes of ${named(ofOtherVersions)} were made for another version of it.`,
    notCompared.length > 0 &&
      `Whether the server has another version of ${named(notCompared)} by now is not known.`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : parts.join(' ');
}

function named(frames: readonly string[]): string {
  const more = frames.length - MOST_NAMED;
  return `${frames.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

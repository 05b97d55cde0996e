/** The project's own classes and attributes: those of the server, or of a file that the annotator gave. */
import type { Ontology } from '../../ontology/index.ts';
import type { ApiClient } from '../api/index.ts';
import type { FileScript } from '../files/index.ts';
import { isRecord } from '../model/index.ts';
import type { Session } from '../session/index.ts';

export interface ProjectOntologyOptions {
  readonly session: Session;
  readonly api: Pick<ApiClient, 'ontology'>;
  readonly files: Pick<FileScript, 'load'>;
  /** The server has one. */
  readonly isOnServer: boolean;
  /** What was kept of a file that was given before; null: nothing. */
  readonly kept: unknown;
  readonly keep: (ontology: Ontology) => void;
}

/** So many mistakes of a file are said at once. */
const MOST_SAID = 3;

export class ProjectOntology {
  readonly #options: ProjectOntologyOptions;

  constructor(options: ProjectOntologyOptions) {
    this.#options = options;
  }

  /** The server's ontology, else the file that was given last in this browser. */
  async open(): Promise<void> {
    const { session, api, files, isOnServer, kept } = this.#options;
    if (isOnServer) {
      const ontology = await api.ontology();
      session.store.set({ ontology });
      return;
    }
    if (kept === null) return;
    const { readOntology } = await files.load();
    const read = readOntology(JSON.stringify(kept));
    if ('ontology' in read) session.store.set({ ontology: read.ontology });
  }

  /** Takes a file, if it is one of an ontology; says what is wrong with it. False: it is something else. */
  async take(name: string, text: string): Promise<boolean> {
    if (!isOntologyFile(text)) return false;
    const { session, files, keep, isOnServer } = this.#options;
    const { readOntology } = await files.load();
    const read = readOntology(text);
    if ('problems' in read) {
      const all = read.problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
      const more = all.length - MOST_SAID;
      const said = [...all.slice(0, MOST_SAID), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
      session.say(`${name} was not taken. ${said}.`, 'error');
      return true;
    }
    const { ontology } = read;
    session.store.set({ ontology, nextClass: null });
    if (!isOnServer) keep(ontology);
    const classes = ontology.classes?.length ?? 0;
    const attributes = ontology.attributes?.length ?? 0;
    const until = isOnServer ? ' They hold until the page is opened again: the server has its own.' : '';
    session.say(
      `${name} has ${counted(classes, 'class', 'classes')} and ${counted(attributes, 'attribute', 'attributes')}.${until}`,
    );
    return true;
  }
}

/** True for JSON that describes classes or attributes and holds no labels. */
function isOntologyFile(text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  if (!isRecord(value) || !('version' in value)) return false;
  const has = (field: string) => field in value;
  return ['classes', 'attributes', 'tilt'].some(has) && !['frames', 'openlabel', 'tags'].some(has);
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

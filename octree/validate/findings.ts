/** What is wrong with a cloud, as far as anybody is going to read it. */

export interface Finding {
  /** A warning does not make a cloud wrong: readers get by with it. */
  readonly severity: 'error' | 'warning';
  /** `D-X-Y-Z`; null for the cloud as a whole. */
  readonly node: string | null;
  /** The stored file that it is about, if it is about one. */
  readonly path: string | null;
  readonly what: string;
}

export class Findings {
  readonly #most: number;
  readonly #list: Finding[] = [];
  #errors = 0;
  #warnings = 0;

  /** Keeps the first `most`, and counts the rest. */
  constructor(most: number) {
    this.#most = most;
  }

  add(finding: Finding): void {
    if (finding.severity === 'error') this.#errors++;
    else this.#warnings++;
    if (this.#list.length < this.#most) this.#list.push(finding);
  }

  error(node: string | null, what: string, path: string | null = null): void {
    this.add({ severity: 'error', node, path, what });
  }

  warn(node: string | null, what: string, path: string | null = null): void {
    this.add({ severity: 'warning', node, path, what });
  }

  get list(): readonly Finding[] {
    return this.#list;
  }

  get errors(): number {
    return this.#errors;
  }

  get warnings(): number {
    return this.#warnings;
  }
}

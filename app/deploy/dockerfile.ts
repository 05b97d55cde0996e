/**
 * Parses the Dockerfile instructions that ours uses into steps. For tests that carry out the steps where no
 * container engine runs.
 */

export interface DockerStep {
  readonly kind:
    | 'WORKDIR'
    | 'ENV'
    | 'COPY'
    | 'RUN'
    | 'USER'
    | 'EXPOSE'
    | 'HEALTHCHECK'
    | 'ENTRYPOINT'
    | 'CMD';
  readonly text: string;
}

export interface DockerStage {
  readonly image: string;
  /** Undefined for the last one, which is the image. */
  readonly name: string | undefined;
  readonly steps: readonly DockerStep[];
}

/**
 * https://docs.docker.com/reference/dockerfile/ @throws at an instruction that is not among those of
 * `DockerStep`.
 */
export function parseDockerfile(text: string): DockerStage[] {
  const joined = text.replace(/^#.*\n/gm, '').replace(/\\\n/g, '');
  const stages: { image: string; name: string | undefined; steps: DockerStep[] }[] = [];
  const values = new Map<string, string>();
  for (const line of joined.split('\n').filter((one) => one.trim() !== '')) {
    const [, instruction, rest] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    if (instruction === 'ARG') {
      const [name, value = ''] = rest!.split('=');
      values.set(name!, value);
    } else if (instruction === 'FROM') {
      const [image, , name] = rest!
        .replace(/\$\{(\w+)\}/g, (_, of: string) => values.get(of) ?? '')
        .split(/ +/);
      stages.push({ image: image!, name, steps: [] });
    } else if (isKind(instruction) && stages.length > 0) {
      stages.at(-1)!.steps.push({ kind: instruction, text: rest!.trim() });
    } else throw new Error(`not understood: ${line}`);
  }
  return stages;
}

const KINDS: readonly string[] = [
  'WORKDIR',
  'ENV',
  'COPY',
  'RUN',
  'USER',
  'EXPOSE',
  'HEALTHCHECK',
  'ENTRYPOINT',
  'CMD',
];

function isKind(instruction: string | undefined): instruction is DockerStep['kind'] {
  return instruction !== undefined && KINDS.includes(instruction);
}

/**
 * Whether `.dockerignore` keeps a path of the context out of the image. `**` stands for folders, `*` for a
 * part of a name.
 */
export function isIgnored(ignore: string, path: string): boolean {
  let ignored = false;
  for (const line of ignore.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const isBack = line.startsWith('!');
    const pattern = line
      .slice(isBack ? 1 : 0)
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(
        /\*\*\/|\*\*|\*|\?/g,
        (glob) => ({ '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' })[glob]!,
      );
    // Excluding a folder excludes everything below it.
    if (new RegExp(`^${pattern}(?:/.*)?$`).test(path)) ignored = !isBack;
  }
  return ignored;
}

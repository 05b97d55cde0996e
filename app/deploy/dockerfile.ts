/**
 * Parses the Dockerfile instructions that ours uses into steps, for tests.
 */

interface DockerStep {
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

interface DockerStage {
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

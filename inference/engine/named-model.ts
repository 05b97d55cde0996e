/** The version of the network that a question names, among those that an engine holds. */
import type { ModelIdentity } from '../network/index.ts';

interface Versions {
  readonly model: ModelIdentity;
  readonly models: readonly ModelIdentity[];
}

/** The version named; the engine's own for null; undefined if there is none of this name. */
export function namedModel({ model, models }: Versions, version: string | null): ModelIdentity | undefined {
  return version === null ? model : models.find((one) => one.version === version);
}

/** What is said to a question that names another version. */
export function noModel({ model, models }: Versions, version: string | null): string {
  return `${model.name} has no version ${version}; its versions: ${models.map((one) => one.version).join(', ')}`;
}

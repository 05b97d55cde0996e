/** Reads the text of an ontology file, and says what is wrong with it and where. */
import { z } from 'zod';
import { type Ontology, ontologySchema } from './ontology-schema.ts';

interface OntologyProblem {
  /** `classes[2].key`; empty: the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** More than this of one file are not listed. */
const MOST_PROBLEMS = 20;

/** The ontology, or what is wrong with the text. */
export function readOntology(
  text: string,
): { readonly ontology: Ontology } | { readonly problems: readonly OntologyProblem[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problems: [{ path: '', message: `is no JSON: ${(error as Error).message}` }] };
  }
  const result = ontologySchema.safeParse(value);
  if (result.success) return { ontology: result.data };
  const problems = result.error.issues.flatMap((issue): OntologyProblem[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: z.core.toDotPath([...issue.path, key]),
        message: 'unknown field',
      }));
    return [{ path: z.core.toDotPath(issue.path), message: issue.message }];
  });
  return { problems: problems.slice(0, MOST_PROBLEMS) };
}

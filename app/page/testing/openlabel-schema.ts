/**
 * The OpenLABEL 1.0.0 schema of ASAM, read from the Python package `vcd`, which `.ci/install-components`
 * installs.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';

const PYTHON = fileURLToPath(new URL('../../../.cache/components/python/bin/python3', import.meta.url));

/** Runs only the file that holds the schema. Importing the package would need all of its dependencies. */
const PRINT_SCHEMA = `
import importlib.util, json, runpy
[folder] = importlib.util.find_spec('vcd').submodule_search_locations
print(json.dumps(runpy.run_path(folder + '/schema.py')['openlabel_schema']))
`;

export function hasOpenLabelSchema(): boolean {
  return existsSync(PYTHON);
}

/** The error message of ajv for a document; null if the document is valid OpenLABEL 1.0. */
export function openLabelCheck(): (document: unknown) => string | null {
  const schema = JSON.parse(execFileSync(PYTHON, ['-c', PRINT_SCHEMA], { encoding: 'utf8' })) as object;
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajvFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (document) => (validate(document) ? null : ajv.errorsText(validate.errors));
}

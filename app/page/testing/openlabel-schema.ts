/**
 * The OpenLABEL 1.0.0 schema that ASAM publishes, out of the Python package `vcd` that
 * `.ci/install-components` puts beside the project.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';

const PYTHON = fileURLToPath(new URL('../../../.cache/components/python/bin/python3', import.meta.url));

/** Runs the one file that has the schema: importing the package would need all that the package needs. */
const PRINT_SCHEMA = `
import importlib.util, json, runpy
[folder] = importlib.util.find_spec('vcd').submodule_search_locations
print(json.dumps(runpy.run_path(folder + '/schema.py')['openlabel_schema']))
`;

export function hasOpenLabelSchema(): boolean {
  return existsSync(PYTHON);
}

/** What is wrong with a document, in ajv's words; null if it is OpenLABEL 1.0. */
export function openLabelCheck(): (document: unknown) => string | null {
  const schema = JSON.parse(execFileSync(PYTHON, ['-c', PRINT_SCHEMA], { encoding: 'utf8' })) as object;
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajvFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (document) => (validate(document) ? null : ajv.errorsText(validate.errors));
}

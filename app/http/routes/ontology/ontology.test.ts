/** The ontology over HTTP: as it was given, with an ETag; or not there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ontology } from '../../../ontology/index.ts';
import { type CloudApp, cloudApp, expectProblem } from '../../testing/index.ts';

const ontology: Ontology = {
  version: 1,
  classes: [{ name: 'delivery', like: 'van', key: '2' }],
  attributes: [{ name: 'parked', kind: 'boolean', per: 'object' }],
};

let one: CloudApp;
let without: CloudApp;
beforeAll(async () => {
  [one, without] = await Promise.all([cloudApp({ ontology }), cloudApp()]);
});
afterAll(() => Promise.all([one.reader.close(), without.reader.close()]));

describe('GET /v1/ontology', () => {
  it('answers with the ontology, and with 304 to who has it', async () => {
    const response = await one.app.request('/v1/ontology');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(ontology);
    const again = await one.app.request('/v1/ontology', {
      headers: { 'if-none-match': response.headers.get('etag')! },
    });
    expect(again.status).toBe(304);
  });

  it('is not there without the option', async () => {
    const problem = await expectProblem(await without.app.request('/v1/ontology'), 404, 'not_found');
    expect(problem.detail).toContain('--ontology');
  });
});

/** The manifests, rendered by kustomize and held against the schemas of the Kubernetes API. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findComponent } from '../../cache/testing/index.ts';
import { environmentName, parseServeConfig, SERVE_OPTIONS } from '../config/index.ts';
import { TRACE_FLUSH_MS } from '../tracing/index.ts';

const FOLDER = fileURLToPath(new URL('kubernetes/', import.meta.url));
const VALIDATE = fileURLToPath(
  new URL('../../.cache/components/python/bin/kubernetes-validate', import.meta.url),
);
const kustomize = findComponent('kustomize');
const isRequired = process.env.NEARBOX_REQUIRE_COMPONENTS === '1';
const text = (name: string) => readFileSync(`${FOLDER}${name}`, 'utf8');

describe.skipIf(kustomize === null)('rendered by kustomize', () => {
  const rendered = () => execFileSync(kustomize!, ['build', FOLDER], { encoding: 'utf8' });

  it('has every resource once, with the selector of the pods', () => {
    const kinds = [...rendered().matchAll(/^kind: (\w+)$/gm)].map(([, kind]) => kind!).sort();
    expect(kinds).toEqual([
      'ConfigMap',
      'Deployment',
      'HorizontalPodAutoscaler',
      'PodDisruptionBudget',
      'Service',
      'Service',
      'ServiceAccount',
    ]);
    expect(rendered()).toContain('image: nearbox:0.1.0');
  });

  it.skipIf(!isRequired && !existsSync(VALIDATE))('is what the API takes, field by field', () => {
    const validate = (input: string) => spawnSync(VALIDATE, ['--strict', '-'], { input, encoding: 'utf8' });
    const good = validate(rendered());
    expect(good.status, good.stdout + good.stderr).toBe(0);
    const bad = validate(rendered().replace('readOnlyRootFilesystem: true', 'readOnlyRootFileSystem: true'));
    expect(bad.status).not.toBe(0);
  });
});

describe('the manifests', () => {
  it('set options that there are', () => {
    const known = Object.values(SERVE_OPTIONS).map(({ flag }) => environmentName(flag));
    const set = [...text('kustomization.yaml').matchAll(/- (NEARBOX_\w+)=/g)].map(([, name]) => name!);
    expect(set.length).toBeGreaterThan(3);
    expect(set.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('give time to drain', () => {
    const grace = Number(/terminationGracePeriodSeconds: (\d+)/.exec(text('deployment.yaml'))![1]);
    expect(grace * 1000).toBeGreaterThan(parseServeConfig({}).drainMs + TRACE_FLUSH_MS);
  });

  it('run as a user with a number, on a root that is read-only, without rights', () => {
    for (const line of [
      'runAsNonRoot: true',
      'runAsUser: 1000',
      'readOnlyRootFilesystem: true',
      'allowPrivilegeEscalation: false',
      'drop: [ALL]',
    ])
      expect(text('deployment.yaml')).toContain(line);
  });
});

describe('rules of autoscalers', () => {
  it.each(['kubernetes/keda.example.yaml', 'fly-autoscaler.yml'])(
    '%s asks for metrics that there are',
    (file) => {
      const metrics = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
      const asked = [...readFileSync(new URL(file, import.meta.url), 'utf8').matchAll(/\bnearbox_\w+/g)];
      expect(asked.length).toBeGreaterThan(0);
      for (const [name] of asked) expect(metrics).toContain(`| \`${name}\` |`);
    },
  );

  it('compares the wait with the threshold, whatever the number of instances', () => {
    expect(text('keda.example.yaml')).toMatch(/- type: prometheus\n(?: +#.*\n)* +metricType: Value\n/);
    expect(text('keda.example.yaml')).toContain('query: avg(nearbox_queue_predicted_wait_seconds');
  });
});

const systemdAnalyze = findComponent('systemd-analyze');

describe.skipIf(systemdAnalyze === null)('the systemd unit', () => {
  it('is one that systemd takes', () => {
    const unit = fileURLToPath(new URL('nearbox.service', import.meta.url));
    const { status, stdout, stderr } = spawnSync(systemdAnalyze!, ['verify', unit], { encoding: 'utf8' });
    expect(stdout + stderr).toBe('');
    expect(status).toBe(0);
  });
});

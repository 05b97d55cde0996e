/** The OpenAPI document as one page without scripts and without anything from elsewhere. */
import type { OpenApiDocument, OpenApiOperation } from './document.ts';

export const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font:14px/1.4 ui-monospace,monospace}pre{background:#f4f4f4;padding:.75rem;overflow:auto}
h2{border-top:1px solid #ccc;padding-top:1rem;font-size:1.1rem}table{border-collapse:collapse}
td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}`;

export function docsPage({ info, paths }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(path, method, operation)),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(info.title)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(info.title)} ${escaped(info.version)}</h1>
<p>${escaped(info.description)} The same for programs: <a href="openapi.json">openapi.json</a>.</p>
${operations.join('\n')}
</body></html>
`;
}

function section(path: string, method: string, operation: OpenApiOperation): string {
  const { operationId, summary, parameters, requestBody, responses } = operation;
  const rows = (pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([name, text]) => `<tr><td><code>${escaped(name)}</code></td><td>${text}</td></tr>`).join('');
  const asked = parameters.map(({ name, in: place, required, description = '' }) => {
    const text = `${place}${required ? ', required' : ''}. ${description}`;
    return [name, escaped(text)] as const;
  });
  const answers = Object.entries(responses).map(
    ([status, { description }]) => [status, escaped(description)] as const,
  );
  const body =
    requestBody === undefined
      ? ''
      : `<details><summary>Body</summary><pre>${escaped(JSON.stringify(requestBody, null, 2))}</pre></details>`;
  return `<section id="${escaped(operationId)}"><h2><code>${method.toUpperCase()} ${escaped(path)}</code></h2>
<p>${escaped(summary)}</p><table>${rows(asked)}</table>${body}<table>${rows(answers)}</table></section>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** The door of `app/http/openapi/`. */
export { docsPage, STYLE } from './docs-page.ts';
export { type OpenApiDocument, openApiDocument } from './document.ts';

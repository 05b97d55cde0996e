/** The door of `access/`: who may ask, about which clouds, and URLs that open tiles for a while. */
export type { Caller } from './caller.ts';
export { CloudScope, EVERY_CLOUD, isScope } from './cloud-scope.ts';
export { type AccessNeed, type Credentials, Door } from './door.ts';
export { ACCESS_SPECS, type AccessConfig, accessProblems, openDoor } from './options.ts';
export { RequestAccess } from './request-access.ts';
export { UrlSigner } from './signed-urls.ts';
export { staticTokens, tokenListSchema } from './static-tokens.ts';

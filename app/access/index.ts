/** The door of `access/`: who may ask, about which clouds, and URLs that open tiles for a while. */

export { type AccessNeed, Authenticator, type Credentials } from './authenticator.ts';
export type { Caller } from './caller.ts';
export { CloudScope, EVERY_CLOUD, isScope } from './cloud-scope.ts';
export { ACCESS_SPECS, type AccessConfig, accessProblems, openAuthenticator } from './options.ts';
export { RequestAccess } from './request-access.ts';
export { UrlSigner } from './signed-urls.ts';
export { staticTokens, tokenListSchema } from './static-tokens.ts';

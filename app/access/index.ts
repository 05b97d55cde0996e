/** The door of `app/access/`: authentication, access to clouds, signed tile URLs. */

export { type AccessNeed, Authenticator } from './authenticator.ts';

export { CloudScope, isScope } from './cloud-scope.ts';
export { ACCESS_SPECS, accessProblems, openAuthenticator } from './options.ts';
export { RequestAccess } from './request-access.ts';
export { UrlSigner } from './signed-urls.ts';
export { staticTokens, tokenListSchema } from './static-tokens.ts';

/** The options of keys and signed URLs, and the authenticator made from them. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { commaList, integer, type OptionSpec, yesOrNo } from '../options/index.ts';
import { Authenticator } from './authenticator.ts';
import { JWT_ALGORITHMS, jwtCheck } from './jwt.ts';
import { UrlSigner } from './signed-urls.ts';
import { staticTokens, type TokenList, tokenListSchema } from './static-tokens.ts';

const MIN_SECRET_LENGTH = 32;

export const ACCESS_SPECS = {
  keys: {
    flag: 'keys',
    value: 'KIND',
    description:
      'who may send requests: `off`: everybody; `tokens`: callers with a token of the list; `jwt`: callers with a token of the issuer',
    schema: z.enum(['off', 'tokens', 'jwt']),
    default: 'off',
  },
  tokens: {
    flag: 'tokens',
    value: 'JSON',
    description:
      'the list of tokens itself; set it in the environment, because others can see a command line',
    schema: jsonOf(tokenListSchema).optional(),
    default: undefined,
    isSecret: true,
  },
  tokensFile: {
    flag: 'tokens-file',
    value: 'FILE',
    description: 'a file with the list of tokens',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  jwtJwks: {
    flag: 'jwt-jwks',
    value: 'URL',
    description: 'URL of the published keys of the issuer (JWKS)',
    schema: z.url({ protocol: /^https?$/ }).optional(),
    default: undefined,
  },
  jwtIssuer: {
    flag: 'jwt-issuer',
    value: 'ISSUER',
    description: 'the `iss` that a token must have',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  jwtAudience: {
    flag: 'jwt-audience',
    value: 'AUDIENCE',
    description: 'the `aud` that a token must have',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  jwtAlgorithms: {
    flag: 'jwt-algorithms',
    value: 'LIST',
    description: 'signature algorithms that are accepted; algorithms with a shared secret are not possible',
    schema: commaList.pipe(z.array(z.enum(JWT_ALGORITHMS)).min(1)),
    default: 'RS256,PS256,ES256,EdDSA',
  },
  jwtCloudsClaim: {
    flag: 'jwt-clouds-claim',
    value: 'CLAIM',
    description:
      'the claim with the prefixes of the clouds that the caller may use: an array, or a text with spaces between them',
    schema: z.string().min(1),
    default: 'clouds',
  },
  jwtWriteClaim: {
    flag: 'jwt-write-claim',
    value: 'CLAIM',
    description:
      'the claim with the right to write labels: `true` for all clouds that the token opens, or prefixes as in --jwt-clouds-claim',
    schema: z.string().min(1),
    default: 'write',
  },
  jwtClockToleranceSeconds: {
    flag: 'jwt-clock-tolerance-seconds',
    value: 'S',
    description: 'tolerance for the clock of the issuer',
    schema: integer(0, 300),
    default: 30,
  },
  urlSecrets: {
    flag: 'url-secrets',
    value: 'LIST',
    description:
      'secrets for signed tile URLs, separated by commas: the first one signs, all are accepted; if left out, no URLs are signed',
    schema: commaList
      .pipe(
        z
          .array(z.string().min(MIN_SECRET_LENGTH, `each needs at least ${MIN_SECRET_LENGTH} characters`))
          .min(1)
          .max(4),
      )
      .optional(),
    default: undefined,
    isSecret: true,
  },
  urlTtlSeconds: {
    flag: 'url-ttl-seconds',
    value: 'S',
    description: 'longest life of a signed URL',
    schema: integer(1, 7 * 86_400),
    default: 3600,
  },
  urlStepSeconds: {
    flag: 'url-step-seconds',
    value: 'S',
    description:
      'the expiry of signed URLs is rounded up to a multiple of this, so that callers get the same URLs',
    schema: integer(1, 86_400),
    default: 300,
  },
  metricsKey: {
    flag: 'metrics-key',
    value: 'YES',
    description: 'require a key for /metrics too',
    schema: yesOrNo,
    default: 'no',
  },
} as const satisfies Record<string, OptionSpec>;

/** What the authenticator is made of, as the options have it. */
export interface AccessConfig {
  readonly keys: 'off' | 'tokens' | 'jwt';
  readonly tokens?: TokenList | undefined;
  readonly tokensFile?: string | undefined;
  readonly jwtJwks?: string | undefined;
  readonly jwtIssuer?: string | undefined;
  readonly jwtAudience?: string | undefined;
  readonly jwtAlgorithms: readonly string[];
  readonly jwtCloudsClaim: string;
  readonly jwtWriteClaim: string;
  readonly jwtClockToleranceSeconds: number;
  readonly urlSecrets?: readonly string[] | undefined;
  readonly urlTtlSeconds: number;
  readonly urlStepSeconds: number;
}

/** Conflicts between options that are valid one by one. */
export function accessProblems(config: Partial<AccessConfig>): string[] {
  const { keys, tokens, tokensFile, urlSecrets } = config;
  const problems: string[] = [];
  if (keys === 'tokens' && (tokens === undefined) === (tokensFile === undefined))
    problems.push('--keys tokens needs either --tokens-file or --tokens');
  if (keys === 'jwt')
    for (const [name, flag] of [
      ['jwtJwks', 'jwt-jwks'],
      ['jwtIssuer', 'jwt-issuer'],
      ['jwtAudience', 'jwt-audience'],
    ] as const)
      if (config[name] === undefined) problems.push(`--keys jwt needs --${flag}`);
  // Options without effect are refused: the operator believes that the clouds are protected.
  if (keys !== undefined && keys !== 'tokens' && (tokens !== undefined || tokensFile !== undefined))
    problems.push(`--tokens and --tokens-file need --keys tokens, not ${keys}`);
  if (keys !== undefined && keys !== 'jwt' && config.jwtJwks !== undefined)
    problems.push(`--jwt-jwks needs --keys jwt, not ${keys}`);
  if (keys === 'off' && urlSecrets !== undefined)
    problems.push('--url-secrets needs --keys tokens or jwt: without keys every tile is open');
  return problems;
}

/** @throws TypeError that says what is wrong with the file of tokens. */
export function openAuthenticator(config: AccessConfig): Authenticator {
  const { keys, urlSecrets, urlTtlSeconds, urlStepSeconds } = config;
  if (keys === 'off') return Authenticator.open;
  const signer =
    urlSecrets === undefined
      ? null
      : new UrlSigner({ secrets: urlSecrets, ttlSeconds: urlTtlSeconds, stepSeconds: urlStepSeconds });
  if (keys === 'tokens')
    return new Authenticator({
      tokens: staticTokens(config.tokens ?? tokensOfFile(config.tokensFile!)),
      signer,
    });
  const tokens = jwtCheck({
    jwks: new URL(config.jwtJwks!),
    issuer: config.jwtIssuer!,
    audience: config.jwtAudience!,
    algorithms: config.jwtAlgorithms,
    cloudsClaim: config.jwtCloudsClaim,
    writeClaim: config.jwtWriteClaim,
    clockToleranceSeconds: config.jwtClockToleranceSeconds,
  });
  return new Authenticator({ tokens, signer });
}

function tokensOfFile(file: string): TokenList {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new TypeError(`--tokens-file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  const result = jsonOf(tokenListSchema).safeParse(text);
  if (result.success) return result.data;
  throw new TypeError(`--tokens-file ${file}: ${issuesText(result.error)}`);
}

/** All issues with their paths, without the values, which are secret. */
function issuesText(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
    .join('; ');
}

function jsonOf<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        // The parser's own message quotes the text, which is secret.
        context.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/** A label profile made of boxes that annotators accepted. Nothing is kept: the caller carries it. */
import { Limiter } from '../../../../cache/index.ts';
import {
  type AcceptedBox,
  DEFAULT_PROFILE_FILE,
  PROFILE_REACH_METRES,
  type Profile,
  profileOfBoxes,
  readProfile,
} from '../../../../inference/index.ts';
import { profileAnswerSchema, profileRequestSchema } from '../../../api/index.ts';
import type { Clouds } from '../../../clouds/index.ts';
import type { Lifecycle } from '../../../lifecycle/index.ts';
import { requireReady } from '../../middleware/index.ts';
import { jsonBody } from '../../requests/index.ts';
import type { Route } from '../../route/index.ts';
import { REGION_ERRORS } from '../region-errors.ts';

/** Points of the rate limit, each box: its points are read. */
const BOX_COST = 5;
/** Boxes of one request whose points are read at a time. */
const READS_AT_ONCE = 4;

export interface ProfilesOptions {
  readonly reader: Pick<Clouds, 'pointsAround'>;
  readonly lifecycle: Lifecycle;
  readonly maxBodyBytes: number;
}

export function profileRoutes({ reader, lifecycle, maxBodyBytes }: ProfilesOptions): Route[] {
  let ofTraining: Promise<Profile> | undefined;
  return [
    {
      method: 'POST',
      path: '/v1/profiles',
      access: 'clouds',
      cost: BOX_COST,
      handler: async (c, scope) => {
        const { signal, access, quota } = scope;
        const { items, profile: given = null } = await jsonBody(c, profileRequestSchema, maxBodyBytes, scope);
        for (const { cloud } of items) access.require(cloud);
        await quota.spend(BOX_COST * (items.length - 1));
        requireReady(lifecycle);
        const turns = new Limiter(READS_AT_ONCE);
        const accepted = await Promise.all(
          items.map(({ cloud, box, class: name }) =>
            turns.run(async (): Promise<AcceptedBox> => {
              const around = { type: 'sphere', center: box.center, radius: PROFILE_REACH_METRES } as const;
              const { positions, count } = await reader.pointsAround(cloud, around, box.center, { signal });
              return { box, class: name, points: positions.subarray(0, 3 * count) };
            }, signal),
          ),
        );
        ofTraining ??= readProfile(DEFAULT_PROFILE_FILE);
        const made = profileOfBoxes(accepted, { given, towards: await ofTraining });
        return c.json(made, 200, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/v1/profiles',
          id: 'makeProfile',
          summary: 'A label profile of accepted boxes, added to the one given',
          tag: 'labels',
          body: profileRequestSchema,
          example: {
            items: [
              {
                cloud: '000000',
                box: { center: [-7.2, 5.4, -1.1], size: [4.2, 1.8, 1.5], yaw: 0 },
                class: 'car',
              },
            ],
          },
          answers: { 200: { description: 'The profile', content: profileAnswerSchema } },
          errors: REGION_ERRORS,
        },
      ],
    },
  ];
}

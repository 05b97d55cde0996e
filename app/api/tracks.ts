/** Objects carried through frames: the question, and the lines of its answer. */
import { z } from 'zod';
import { costSchema } from './predictions.ts';
import { profileChoiceSchema } from './profiles.ts';
import {
  boxSchema,
  cloudIdSchema,
  objectClassSchema,
  poseSchema,
  positionSchema,
  sizeSchema,
  timestampSchema,
} from './values/index.ts';

const MAX_TRACK_FRAMES = 1000;
const MAX_TRACK_OBJECTS = 256;
/** Frames times objects. */
const MAX_TRACK_BOXES = 20_000;

const frameIndex = z.int().min(0).max(MAX_TRACK_FRAMES);
const frameList = z.array(frameIndex).max(MAX_TRACK_FRAMES);

const trackFrameSchema = z
  .strictObject({
    cloud: cloudIdSchema,
    timestamp: timestampSchema.optional(),
    pose: poseSchema.optional(),
  })
  .meta({ id: 'TrackFrame' });

const keyframes = z
  .array(
    z
      .strictObject({
        frame: frameIndex.describe('an index into `frames`'),
        box: boxSchema.describe('in the coordinates of its own frame’s cloud'),
        confirmed: z.boolean().optional().describe('whether a hand drew it; default true'),
      })
      .meta({ id: 'Keyframe' }),
  )
  .min(1)
  .max(MAX_TRACK_FRAMES);

const trackedObjectSchema = z
  .strictObject({
    id: z.string().min(1).max(128),
    class: objectClassSchema.optional(),
    keyframes,
    locked: frameList.optional().describe('keyframes that stay as they are, confirmed or not'),
    absent: frameList.optional().describe('frames in which the object is not there'),
    static: z.boolean().optional().describe('whether it stands still; left out: told from the frames'),
  })
  .meta({ id: 'TrackedObject' });

export const trackSchema = z
  .strictObject({
    frames: z.array(trackFrameSchema).min(1).max(MAX_TRACK_FRAMES),
    objects: z.array(trackedObjectSchema).min(1).max(MAX_TRACK_OBJECTS).optional(),
    keyframes: keyframes.optional().describe('the short form: one object without an id'),
    class: objectClassSchema.optional().describe('of the short form’s object'),
    direction: z.enum(['both', 'forward', 'backward']).optional().describe('default both'),
    range: z.tuple([frameIndex, frameIndex]).optional().describe('first and last frame that is wanted'),
    profile: profileChoiceSchema.optional(),
    model: z.string().min(1).max(64).optional().describe('pin a model version'),
  })
  .superRefine(({ frames, objects, keyframes: short, class: shortClass }, context) => {
    const problem = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if ((objects === undefined) === (short === undefined))
      problem(['objects'], 'either `objects`, or `keyframes` of one object');
    if (objects !== undefined && shortClass !== undefined)
      problem(['class'], 'goes with `keyframes`; with `objects`, each object has its own');
    const boxes = frames.length * (objects?.length ?? 1);
    if (boxes > MAX_TRACK_BOXES)
      problem(['objects'], `frames times objects is ${boxes}, the limit is ${MAX_TRACK_BOXES}`);
    const ids = new Set<string>();
    for (const [k, { id }] of (objects ?? []).entries()) {
      if (ids.has(id)) problem(['objects', k, 'id'], `there is more than one object ${JSON.stringify(id)}`);
      ids.add(id);
    }
  })
  .meta({ id: 'TrackRequest' });

const lineId = z.string().nullable().describe('the object’s; null in the short form');
const lineFrame = z.int().describe('an index into `frames`');

const trackHeadSchema = z
  .object({
    id: lineId,
    track: z.object({
      static: z.boolean(),
      size: sizeSchema,
      sizeFrom: z.int().describe('index in the object’s `keyframes` of the one whose size it is'),
      frames: z.int().describe('frames that end with a final line'),
      disagreements: z
        .array(
          z.object({
            frames: z.tuple([z.int(), z.int()]),
            size: z.number().describe('largest difference of a side, metres'),
            place: z.number().describe('distance between the places of a standing object, metres'),
          }),
        )
        .optional()
        .describe('neighbouring keyframes that do not go together'),
    }),
  })
  .meta({ id: 'TrackHead' });

const trackBoxSchema = z
  .object({
    id: lineId,
    frame: lineFrame,
    box: boxSchema,
    score: z.number().describe('the expected 3D IoU'),
    status: z.enum(['keyframe', 'measured', 'interpolated', 'predicted', 'occluded']),
    method: z.enum(['keyframe', 'model', 'motion']).describe('a hand, the network, or the motion alone'),
    points: z.int().describe('points in the box'),
    velocity: positionSchema.describe('metres a second in the common world'),
    final: z.boolean().describe('false: a later line of the frame replaces this one'),
  })
  .meta({ id: 'TrackBox' });

const trackLostSchema = z
  .object({
    id: lineId,
    frame: lineFrame,
    lost: z
      .string()
      .describe('`no_points`, `occluded`, `jumped`, `left_range`, `absent`, or the code of an error'),
    detail: z.string().optional().describe('what is wrong with the frame, if it is an error'),
    final: z.literal(true),
  })
  .meta({ id: 'TrackLost' });

const trackDoneSchema = z
  .object({
    done: z.literal(true),
    cost: costSchema,
    timings: z.object({ totalMs: z.number(), readMs: z.number(), fitMs: z.number() }),
  })
  .meta({ id: 'TrackDone', description: 'The last line: a stream without it was cut off' });

export const trackLineSchema = z
  .union([trackHeadSchema, trackBoxSchema, trackLostSchema, trackDoneSchema])
  .meta({ id: 'TrackLine', description: 'One line of the answer' });

export type TrackQuestionBody = z.infer<typeof trackSchema>;
export type TrackRequestBody = z.input<typeof trackSchema>;
export type TrackLineBody = z.infer<typeof trackLineSchema>;

/**
 * Stands in for an annotator: clicks at every labelled object of a folder on a server that runs, accepts
 * answers with a 3D IoU of at least 0.85, draws the true box otherwise, and saves the labels of each frame
 * (`PUT /v1/labels/{cloud}`), as the page does.
 *
 *   npx tsx bench/accuracy/annotate.ts FOLDER --url URL [--prefix drive-1/]
 *
 * The cloud of a frame is PREFIX and the name of its points without the ending. Frames whose cloud the server
 * does not have are passed over. Prints how many boxes were accepted and drawn.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Box, iou3d, type Vec3 } from '../../inference/boxes/index.ts';
import { readLabelledFrames } from '../../inference/frames/index.ts';
import { type LabelledClick, labelledClicks } from '../kit/index.ts';

const GROUPS = ['car', 'van', 'truck', 'pedestrian', 'cyclist'] as const;
const LEAST_IOU = 0.85;
const LEAST_POINTS = 5;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { url: { type: 'string' }, prefix: { type: 'string', default: '' } },
});
const [folder] = positionals;
const { url, prefix } = values;
if (folder === undefined || url === undefined) throw new Error('FOLDER and --url are needed');

interface ClickAnswer {
  readonly id: string;
  readonly box: Box;
  readonly score: number;
  readonly method: string;
  readonly model: { readonly name: string; readonly version: string };
}

async function send(method: string, route: string, body: unknown, headers = {}): Promise<Response> {
  return fetch(`${url}${route}`, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** The label of a clicked object: the answer if it is good enough, else the true box. */
async function labelled(cloud: string, { truth, request, class: name }: LabelledClick, id: number) {
  const [x, y, z] = request.crop.origin;
  const [u, v, w] = truth.center;
  const drawn: Box = { ...truth, center: [x + u, y + v, z + w] };
  const position: Vec3 = [x, y, z];
  const response = await send('POST', '/v1/predictions', { cloud, region: { type: 'click', position } });
  const answer = response.ok ? ((await response.json()) as ClickAnswer) : null;
  const isGood = answer !== null && iou3d(answer.box, drawn) >= LEAST_IOU;
  return {
    id: String(id),
    class: name,
    box: isGood ? answer.box : drawn,
    status: isGood ? 'accepted' : 'edited',
    ...(answer !== null && {
      source: {
        prediction: answer.id,
        box: answer.box,
        score: answer.score,
        method: answer.method,
        model: answer.model,
      },
    }),
  };
}

const everyClick = (
  await Promise.all(
    GROUPS.map((group) =>
      labelledClicks(folder, { group, hint: 'click', seeds: 1, minPoints: LEAST_POINTS, every: 1 }),
    ),
  )
).flat();
let [frames, accepted, drawn] = [0, 0, 0];
for (const { id: frame, file } of await readLabelledFrames(folder)) {
  const cloud = `${prefix}${path.parse(file).name}`;
  const found = await fetch(`${url}/v1/clouds/${cloud}`);
  if (!found.ok) continue;
  const { version } = (await found.json()) as { readonly version: string };
  const boxes: Awaited<ReturnType<typeof labelled>>[] = [];
  for (const click of everyClick.filter((each) => each.frame === frame))
    boxes.push(await labelled(cloud, click, boxes.length + 1));
  accepted += boxes.filter(({ status }) => status === 'accepted').length;
  drawn += boxes.filter(({ status }) => status === 'edited').length;
  const document = { version: 1, cloud: { id: cloud, version }, state: 'done', boxes };
  const saved = await send('PUT', `/v1/labels/${cloud}`, document, { 'if-none-match': '*' });
  if (!saved.ok) throw new Error(`${cloud}: ${saved.status} ${await saved.text()}`);
  frames++;
}
console.log(`${frames} frames: ${accepted} boxes accepted, ${drawn} drawn`);

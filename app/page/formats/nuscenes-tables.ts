/**
 * The 13 tables that the nuScenes devkit opens (nuscenes-devkit, docs/schema_nuscenes.md), made of the one
 * document that the label formats know. Rows that came with an import are kept; what is missing is filled in,
 * so that every token leads somewhere.
 */

type TableRow = Record<string, unknown> & { readonly token: string };
type NuScenesTables = Record<string, TableRow[]>;

export const NUSCENES_TABLES = [
  'category',
  'attribute',
  'visibility',
  'instance',
  'sensor',
  'calibrated_sensor',
  'ego_pose',
  'log',
  'scene',
  'sample',
  'sample_data',
  'sample_annotation',
  'map',
] as const;

const CHANNEL = 'LIDAR_TOP';
const IDENTITY = { translation: [0, 0, 0], rotation: [1, 0, 0, 0] } as const;
const SCENE = 'scene-0001';
/** Keyframes of nuScenes are half a second apart; its times are microseconds. */
const STEP_MICROSECONDS = 500_000;
const VISIBILITIES = ['v0-40', 'v40-60', 'v60-80', 'v80-100'];
/** The devkit's word for an annotation without one. */
const BEST_VISIBILITY = '4';

/** True for a file that is named as one of the tables. */
export function isTable({ name }: { readonly name: string }): boolean {
  return NUSCENES_TABLES.includes(tableOf(name) as (typeof NUSCENES_TABLES)[number]);
}

function tableOf(name: string): string {
  return /(?:^|\/)([a-z_]+)\.json$/.exec(name)?.[1] ?? '';
}

/** One object of all tables. @throws Error that names the file that is no JSON */
export function joinTables(
  files: readonly { readonly name: string; readonly text: string }[],
): Record<string, unknown> {
  return Object.fromEntries(
    files.map(({ name, text }) => {
      try {
        return [tableOf(name), JSON.parse(text) as unknown];
      } catch (error) {
        throw new Error(`${name}: ${(error as Error).message}`);
      }
    }),
  );
}

export function nuScenesTables(document: string): NuScenesTables {
  const given = JSON.parse(document) as Record<string, TableRow[] | undefined>;
  const rows = (table: string): TableRow[] => given[table] ?? [];
  const samples = rows('sample').map((sample, index) => ({
    ...sample,
    scene_token: sample.scene_token || SCENE,
    timestamp:
      typeof sample.timestamp === 'number' && sample.timestamp >= STEP_MICROSECONDS
        ? sample.timestamp
        : index * STEP_MICROSECONDS,
  }));
  const [first, last] = [samples[0], samples.at(-1)];
  const hasData = rows('sample_data').length > 0;
  const scenes = rows('scene');
  return {
    category: rows('category'),
    attribute: rows('attribute'),
    visibility:
      rows('visibility').length > 0
        ? rows('visibility')
        : VISIBILITIES.map((level, index) => ({ token: String(index + 1), level, description: level })),
    instance: rows('instance'),
    sensor: hasData ? rows('sensor') : [{ token: CHANNEL, channel: CHANNEL, modality: 'lidar' }],
    calibrated_sensor: hasData
      ? rows('calibrated_sensor')
      : [{ token: CHANNEL, sensor_token: CHANNEL, ...IDENTITY, camera_intrinsic: [] }],
    ego_pose: hasData
      ? rows('ego_pose')
      : samples.map(({ token, timestamp }) => ({ token, timestamp, ...IDENTITY })),
    log:
      rows('log').length > 0
        ? rows('log')
        : [{ token: 'log', logfile: '', vehicle: '', date_captured: '', location: '' }],
    scene:
      scenes.length > 0
        ? scenes
        : [
            {
              token: SCENE,
              log_token: 'log',
              nbr_samples: samples.length,
              first_sample_token: first?.token ?? '',
              last_sample_token: last?.token ?? '',
              name: SCENE,
              description: '',
            },
          ],
    sample: samples,
    sample_data: hasData
      ? rows('sample_data')
      : samples.map((sample, index) => lidarData(sample, samples, index)),
    sample_annotation: rows('sample_annotation').map((annotation) => ({
      num_lidar_pts: 0,
      num_radar_pts: 0,
      ...annotation,
      visibility_token: annotation.visibility_token || BEST_VISIBILITY,
    })),
    map:
      rows('map').length > 0
        ? rows('map')
        : [{ token: 'map', log_tokens: ['log'], category: '', filename: '' }],
  };
}

function lidarData(
  sample: TableRow & { timestamp: unknown },
  samples: readonly TableRow[],
  index: number,
): TableRow {
  return {
    token: `${sample.token}#${CHANNEL}`,
    sample_token: sample.token,
    ego_pose_token: sample.token,
    calibrated_sensor_token: CHANNEL,
    timestamp: sample.timestamp,
    fileformat: 'pcd',
    is_key_frame: true,
    height: 0,
    width: 0,
    filename: `samples/${CHANNEL}/${sample.token}.pcd.bin`,
    prev: index === 0 ? '' : `${samples[index - 1]!.token}#${CHANNEL}`,
    next: index === samples.length - 1 ? '' : `${samples[index + 1]!.token}#${CHANNEL}`,
  };
}

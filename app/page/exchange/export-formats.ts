/** The formats that labels are written in. */
export const EXPORT_FORMATS = [
  'openlabel',
  'kitti',
  'nuscenes',
  'nuscenes-tables',
  'pandaset',
  'supervisely',
  'json',
] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const FORMAT_NAMES: Readonly<Record<ExportFormat, string>> = {
  openlabel: 'OpenLABEL 1.0',
  kitti: 'KITTI (zip)',
  nuscenes: 'nuScenes (one file)',
  'nuscenes-tables': 'nuScenes tables (zip)',
  pandaset: 'PandaSet (zip)',
  supervisely: 'Supervisely (zip)',
  json: 'Plain JSON',
};

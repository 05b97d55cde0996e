/** Cameras of clouds: their calibrations, and their images. Open to whom the cloud's tiles are open. */
import { type ByteSource, NearboxError } from '../../../../cache/index.ts';
import { checkCloudId } from '../../../../octree/index.ts';
import { CAMERA_NAME, camerasAnswerSchema } from '../../../api/index.ts';
import { bytesAnswer, SHORT_LIVED } from '../../answers/index.ts';
import { segmentsBehind } from '../../requests/index.ts';
import { LARGE_ANSWER_BYTES, type Route } from '../../route/index.ts';
import { CameraFiles } from './camera-files.ts';

export interface CameraOptions {
  /** Where cameras are stored; left out: these routes answer 404. */
  readonly cameras?: ByteSource | undefined;
  /** Largest image, bytes. Default: 16 MiB. */
  readonly cameraMaxBytes?: number | undefined;
}

/** Points of the rate limit. */
const IMAGE_COST = 5;
const IMAGES = ['image/jpeg', 'image/png', 'image/webp'] as const;
const ERRORS = ['invalid_request', 'not_found', 'source_unavailable', 'deadline_exceeded'] as const;

export function cameraRoutes({ cameras, cameraMaxBytes = 16 * 2 ** 20 }: CameraOptions): Route[] {
  const files = cameras === undefined ? null : new CameraFiles(cameras, cameraMaxBytes);
  const opened = () => {
    if (files === null)
      throw new NearboxError('not_found', 'this server has no images of cameras: it has no --cameras');
    return files;
  };
  return [
    {
      method: 'GET',
      path: '/v1/cameras/*',
      access: 'clouds-or-signature',
      handler: async (c, { signal, access }) => {
        const cloud = segmentsBehind(c.req.path, '/v1/cameras/').join('/');
        access.require(cloud);
        checkCloudId(cloud);
        const found = await opened().of(cloud, signal);
        const body = { cloud, cameras: found.map(({ camera }) => camera) };
        return c.json(body, 200, { 'cache-control': SHORT_LIVED });
      },
      operations: [
        {
          path: '/v1/cameras/{cloud}',
          id: 'readCameras',
          summary: 'The cameras that saw a cloud, with their calibration; none if it has none',
          tag: 'clouds',
          answers: {
            200: { description: 'The cameras', content: camerasAnswerSchema, headers: ['Cache-Control'] },
          },
          errors: [...ERRORS],
        },
      ],
    },
    {
      method: 'GET',
      path: '/v1/images/*',
      access: 'clouds-or-signature',
      cost: IMAGE_COST,
      answerBytes: LARGE_ANSWER_BYTES,
      handler: async (c, { signal, access, room }) => {
        const segments = segmentsBehind(c.req.path, '/v1/images/');
        const [cloud, name] = [segments.slice(0, -1).join('/'), segments.at(-1) ?? ''];
        access.require(cloud);
        checkCloudId(cloud);
        if (!CAMERA_NAME.test(name))
          throw new NearboxError('invalid_request', `${JSON.stringify(name)} is not the name of a camera`);
        const { bytes, ...image } = await opened().image(cloud, name, signal);
        room.resize(bytes.byteLength);
        const stored = {
          ...image,
          size: bytes.byteLength,
          isWhole: true,
          read: async ({ offset, length }: { readonly offset: number; readonly length: number }) =>
            bytes.subarray(offset, offset + length),
        };
        return bytesAnswer(c, stored, SHORT_LIVED, { signal, room });
      },
      operations: [
        {
          path: '/v1/images/{cloud}/{camera}',
          id: 'readImage',
          summary: 'What a camera saw when the cloud was taken',
          tag: 'clouds',
          headers: ['Range', 'If-Range', 'If-None-Match'],
          answers: {
            200: {
              description: 'The image',
              content: IMAGES.map((mediaType) => ({ mediaType })),
              headers: ['ETag', 'Cache-Control', 'Accept-Ranges'],
            },
            206: {
              description: 'The range of it that was asked for',
              content: IMAGES.map((mediaType) => ({ mediaType })),
              headers: ['ETag', 'Cache-Control', 'Accept-Ranges', 'Content-Range'],
            },
            304: { description: 'The caller has it', headers: ['ETag', 'Cache-Control'] },
          },
          errors: [...ERRORS, 'range_not_satisfiable'],
        },
      ],
    },
  ];
}

/**
 * A page as a user of Potree would write one: loads a cloud, draws it until no node is missing, and says what
 * it drew.
 */
import { type PointCloudOctree, Potree } from 'potree-core';
import { Color, PerspectiveCamera, Scene, Vector3, WebGLRenderer } from 'three';

interface Drawn {
  readonly nodes: number;
  readonly points: number;
  /** Of the canvas: those that are not background. */
  readonly pixels: number;
  /** Nodes that could not be loaded. */
  readonly failed: boolean;
}

const [WIDTH, HEIGHT] = [640, 480];

async function draw(baseUrl: string, file: string): Promise<Drawn> {
  const renderer = new WebGLRenderer({ preserveDrawingBuffer: true });
  renderer.setSize(WIDTH, HEIGHT);
  document.body.replaceChildren(renderer.domElement);
  const scene = new Scene();
  // No point has this colour; points without one are black.
  scene.background = new Color(1, 0, 1);
  const potree = new Potree();
  const cloud = await potree.loadPointCloud(file, baseUrl);
  cloud.material.size = 3;
  scene.add(cloud);
  const camera = cameraOf(cloud);
  let failed = false;
  for (;;) {
    const { nodeLoadPromises, nodeLoadFailed, exceededMaxLoadsToGPU } = potree.updatePointClouds(
      [cloud],
      camera,
      renderer,
    );
    failed ||= nodeLoadFailed;
    renderer.render(scene, camera);
    if (nodeLoadPromises.length === 0 && !exceededMaxLoadsToGPU && cloud.visibleNodes.length > 0) break;
    await Promise.allSettled(nodeLoadPromises);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return {
    nodes: cloud.visibleNodes.length,
    points: cloud.numVisiblePoints,
    pixels: drawnPixels(renderer),
    failed,
  };
}

/** All of the cloud, seen from above and aside. */
function cameraOf(cloud: PointCloudOctree): PerspectiveCamera {
  cloud.updateMatrixWorld(true);
  const box = cloud.getBoundingBoxWorld();
  const center = box.getCenter(new Vector3());
  const reach = box.getSize(new Vector3()).length();
  const camera = new PerspectiveCamera(60, WIDTH / HEIGHT, reach / 100, reach * 10);
  camera.up.set(0, 0, 1);
  camera.position.copy(center).add(new Vector3(0.5, -0.6, 0.5).multiplyScalar(reach));
  camera.lookAt(center);
  camera.updateMatrixWorld();
  return camera;
}

function drawnPixels(renderer: WebGLRenderer): number {
  const gl = renderer.getContext();
  const rgba = new Uint8Array(4 * WIDTH * HEIGHT);
  gl.readPixels(0, 0, WIDTH, HEIGHT, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
  let drawn = 0;
  for (let i = 0; i < rgba.length; i += 4)
    if (rgba[i] !== 255 || rgba[i + 1] !== 0 || rgba[i + 2] !== 255) drawn++;
  return drawn;
}

Object.assign(globalThis, { draw });

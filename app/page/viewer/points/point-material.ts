/**
 * How points are drawn: coloured by a value from a table, or as the cloud has them, those in boxes by class,
 * those in the selected box brighter.
 */
import * as THREE from 'three';
import type { Box, Vec3 } from '../../../../inference/boxes/index.ts';
import { moved } from '../../boxes/index.ts';
import { type ColourMode, colourTable } from '../../cloud/index.ts';
import type { GroundGrid, PointClip } from '../../display/index.ts';

/** Boxes whose points are coloured, of one node. */
const MOST_BOXES = 16;

const MODES: Readonly<Record<ColourMode, number>> = {
  height: 0,
  intensity: 1,
  distance: 2,
  class: 3,
  own: 4,
};

const VERTEX = `
precision highp float;
precision highp int;
uniform mat4 modelMatrix, viewMatrix, projectionMatrix;
uniform float pointSize;
uniform int mode, boxCount;
uniform float ownScale;
uniform vec2 range, intensity;
uniform vec3 eye, selectedColour;
uniform vec4 boxPlace[${MOST_BOXES}], boxShape[${MOST_BOXES}];
uniform vec3 boxColour[${MOST_BOXES}];
uniform vec4 selectedPlace, selectedShape, clipPlace, clipShape, groundPlace;
uniform vec2 clipHeights;
uniform sampler2D ground;
uniform sampler2D colours;
in vec4 position;
in vec3 own;
out vec3 colour;

// place: centre, cos of the yaw; shape: half sizes, sin of the yaw.
bool inside(vec3 at, vec4 place, vec4 shape) {
  vec3 d = at - place.xyz;
  vec3 own = vec3(d.x * place.w + d.y * shape.w, d.y * place.w - d.x * shape.w, d.z);
  return all(lessThanEqual(abs(own), shape.xyz));
}

const float GROUND_LAYER = 0.2;

bool isClipped(vec3 at) {
  if (at.z < clipHeights.x || at.z > clipHeights.y) return true;
  if (clipShape.x > 0.0 && !inside(at, clipPlace, clipShape)) return true;
  if (groundPlace.z == 0.0) return false;
  ivec2 cell = ivec2(floor((at.xy - groundPlace.xy) * groundPlace.z));
  ivec2 cells = textureSize(ground, 0);
  if (any(lessThan(cell, ivec2(0))) || any(greaterThanEqual(cell, cells))) return false;
  return at.z < texelFetch(ground, cell, 0).r + groundPlace.w + GROUND_LAYER;
}

void main() {
  vec4 world = modelMatrix * vec4(position.xyz, 1.0);
  float value = mode == 1 ? intensity.x + position.w * intensity.y
    : mode == 2 ? distance(world.xyz, eye) : world.z;
  float share = clamp((value - range.x) / (range.y - range.x), 0.0, 1.0);
  colour = texture(colours, vec2(share * 0.996 + 0.002, 0.5)).rgb;
  if (mode == 4 && ownScale > 0.0) colour = own * ownScale;
  float size = pointSize;
  for (int i = 0; i < boxCount; i++)
    if (inside(world.xyz, boxPlace[i], boxShape[i])) colour = boxColour[i];
  if (selectedShape.x > 0.0 && inside(world.xyz, selectedPlace, selectedShape)) {
    colour = selectedColour;
    size += 1.0;
  }
  gl_Position = projectionMatrix * viewMatrix * world;
  // Behind the far plane: nothing of it is drawn.
  if (isClipped(world.xyz)) gl_Position = vec4(0.0, 0.0, 2.0, 1.0);
  gl_PointSize = size;
}`;

const FRAGMENT = `
precision mediump float;
in vec3 colour;
out vec4 pixel;
void main() { pixel = vec4(colour, 1.0); }`;

export interface ColouredBox {
  readonly box: Box;
  readonly colour: Vec3;
}

/** What nodes without boxes share, so that they follow each other without a change. */
export const NO_BOXES: readonly ColouredBox[] = [];

export class PointMaterial {
  readonly material: THREE.RawShaderMaterial;
  readonly #table: THREE.DataTexture;
  readonly #uniforms;
  #ground: GroundGrid | null = null;
  /** The boxes that the uniforms tell of. */
  #boxes: readonly ColouredBox[] = NO_BOXES;

  constructor() {
    this.#table = new THREE.DataTexture(colourTable('height', true), 256, 1);
    this.#table.magFilter = THREE.LinearFilter;
    this.#table.needsUpdate = true;
    const vectors4 = () => Array.from({ length: MOST_BOXES }, () => new THREE.Vector4());
    this.#uniforms = {
      pointSize: { value: 2 },
      mode: { value: 0 },
      /** What the node's own colours are multiplied by; 0: they are not there. */
      ownScale: { value: 0 },
      range: { value: new THREE.Vector2(0, 1) },
      intensity: { value: new THREE.Vector2(0, 0) },
      eye: { value: new THREE.Vector3() },
      colours: { value: this.#table },
      boxCount: { value: 0 },
      boxPlace: { value: vectors4() },
      boxShape: { value: vectors4() },
      boxColour: { value: Array.from({ length: MOST_BOXES }, () => new THREE.Vector3()) },
      selectedPlace: { value: new THREE.Vector4() },
      selectedShape: { value: new THREE.Vector4() },
      selectedColour: { value: new THREE.Vector3(1, 1, 1) },
      clipPlace: { value: new THREE.Vector4() },
      clipShape: { value: new THREE.Vector4() },
      clipHeights: { value: new THREE.Vector2(-Infinity, Infinity) },
      /** x and y of the grid in the scene, cells a metre (0: no grid), and what its heights are raised by. */
      groundPlace: { value: new THREE.Vector4() },
      ground: { value: new THREE.DataTexture(new Float32Array(1), 1, 1, THREE.RedFormat, THREE.FloatType) },
    };
    this.material = new THREE.RawShaderMaterial({
      glslVersion: THREE.GLSL3,
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: this.#uniforms,
    });
  }

  setMode(mode: ColourMode, isDark: boolean, range: readonly [number, number]): void {
    this.#uniforms.mode.value = MODES[mode];
    this.#uniforms.range.value.set(...range);
    this.#uniforms.selectedColour.value.set(
      ...((isDark ? [1, 1, 1] : [0.85, 0.1, 0.35]) as [number, number, number]),
    );
    const table = this.#table.image.data as Uint8Array;
    table.set(colourTable(mode, isDark));
    this.#table.needsUpdate = true;
  }

  setPointSize(pixels: number): void {
    this.#uniforms.pointSize.value = pixels;
  }

  /** Where distances are told from, in the scene. */
  setEye(eye: Vec3): void {
    this.#uniforms.eye.value.set(...eye);
  }

  /** The box whose points stand out; in the scene's coordinates. */
  setSelected(box: Box | null): void {
    const { selectedPlace, selectedShape } = this.#uniforms;
    if (box === null) selectedShape.value.set(0, 0, 0, 0);
    else writeBox(box, selectedPlace.value, selectedShape.value);
  }

  /** Which points are left out; in the cloud's coordinates. */
  setClip({ region, from, to }: PointClip, ground: GroundGrid | null, [x, y, z]: Vec3): void {
    const { clipPlace, clipShape, clipHeights, groundPlace } = this.#uniforms;
    clipHeights.value.set(from - z, to - z);
    if (region === null) clipShape.value.set(0, 0, 0, 0);
    else writeBox(moved(region, [-x, -y, -z]), clipPlace.value, clipShape.value);
    if (ground === null) groundPlace.value.set(0, 0, 0, 0);
    else groundPlace.value.set(ground.x - x, ground.y - y, 1 / ground.cell, -z);
    if (ground !== this.#ground) this.#setGround(ground);
  }

  #setGround(ground: GroundGrid | null): void {
    this.#ground = ground;
    if (ground === null) return;
    const { heights, columns, rows } = ground;
    this.#uniforms.ground.value.dispose();
    const texture = new THREE.DataTexture(heights, columns, rows, THREE.RedFormat, THREE.FloatType);
    texture.needsUpdate = true;
    this.#uniforms.ground.value = texture;
  }

  /**
   * Called right before a node is drawn. three sends all uniforms again where it is told that one has
   * changed: most nodes differ in nothing that the mode draws, and are not told of. `boxes` are told apart by
   * identity.
   */
  prepareNode(
    { offset, scale }: { readonly offset: number; readonly scale: number },
    boxes: readonly ColouredBox[],
    ownScale: number,
  ): void {
    const { mode, intensity, ownScale: scaleNow } = this.#uniforms;
    if (mode.value === MODES.intensity && (intensity.value.x !== offset || intensity.value.y !== scale)) {
      intensity.value.set(offset, scale);
      this.material.uniformsNeedUpdate = true;
    }
    if (mode.value === MODES.own && scaleNow.value !== ownScale) {
      scaleNow.value = ownScale;
      this.material.uniformsNeedUpdate = true;
    }
    if (boxes !== this.#boxes) this.#setBoxes(boxes);
  }

  #setBoxes(boxes: readonly ColouredBox[]): void {
    this.#boxes = boxes;
    const { boxCount, boxPlace, boxShape, boxColour } = this.#uniforms;
    boxCount.value = Math.min(MOST_BOXES, boxes.length);
    for (let i = 0; i < boxCount.value; i++) {
      writeBox(boxes[i]!.box, boxPlace.value[i]!, boxShape.value[i]!);
      boxColour.value[i]!.set(...boxes[i]!.colour);
    }
    this.material.uniformsNeedUpdate = true;
  }
}

function writeBox({ center, size, yaw }: Box, place: THREE.Vector4, shape: THREE.Vector4): void {
  place.set(center[0], center[1], center[2], Math.cos(yaw));
  shape.set(size[0] / 2, size[1] / 2, size[2] / 2, Math.sin(yaw));
}

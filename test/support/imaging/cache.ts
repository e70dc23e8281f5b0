import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plane } from './moffat-stamp.ts';
import type { SceneRecipe } from './recipe.ts';
import { geometry, makeScene, RECIPE_VERSION, type Scene, type SkyPlane, type Truth } from './scene.ts';

/** A whole detector has 198 MB, so that this holds all kinds at 8 seeds and more. */
const MOST_BYTES = 20e9;

const root = join(tmpdir(), 'nightshift-scenes');

/** A scene from `nightshift-scenes` in the temporary folder, made and kept there when it is not. */
export function cachedScene(recipe: SceneRecipe): Scene {
  const { kind, seed, width, height } = recipe;
  const folder = join(root, `v${RECIPE_VERSION}-${kind}-${seed}-${width}x${height}`);
  if (!existsSync(folder)) keep(folder, makeScene(recipe));
  const now = new Date();
  utimesSync(folder, now, now);
  const { science, native } = geometry(recipe);
  const read = (name: string, size: Omit<SkyPlane, 'pixels'>): SkyPlane => ({
    ...size,
    pixels: readPixels(join(folder, `${name}.f32`)),
  });
  const truth: Truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'));
  const image = read('science', science);
  // Read when asked for: a template has a third of a scene's memory, and who measures memory needs one of the two.
  return {
    ...{ recipe, truth, science: image },
    get template() {
      return kind === 'identical' ? image : read('template', science);
    },
    get native() {
      return kind === 'identical' ? image : read('native', native);
    },
  };
}

/** Written beside and renamed, so that a scene is whole or absent; of two that make the same one, the first is kept. */
function keep(folder: string, scene: Scene): void {
  mkdirSync(root, { recursive: true });
  makeRoom(scene);
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft);
  const planes = { science: scene.science, template: scene.template, native: scene.native };
  for (const [name, plane] of Object.entries(planes)) {
    if (name === 'science' || plane !== scene.science) writePixels(join(draft, `${name}.f32`), plane);
  }
  writeFileSync(join(draft, 'truth.json'), JSON.stringify(scene.truth));
  if (existsSync(folder)) rmSync(draft, { recursive: true });
  else renameSync(draft, folder);
}

/** Drops the scenes that were not asked for the longest. */
function makeRoom({ science, template, native }: Scene): void {
  const scenes = readdirSync(root)
    .map((name) => join(root, name))
    .map((path) => ({ path, usedMs: mtimeOf(path), bytes: bytesIn(path) }))
    .sort((a, b) => a.usedMs - b.usedMs);
  let total = 4 * (science.pixels.length + template.pixels.length + native.pixels.length);
  for (const { bytes } of scenes) total += bytes;
  for (const { path, bytes } of scenes) {
    if (total <= MOST_BYTES) return;
    rmSync(path, { recursive: true, force: true });
    total -= bytes;
  }
}

/** 0 where another process has just renamed or dropped it. */
function mtimeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function bytesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

function writePixels(path: string, { pixels }: Plane): void {
  writeFileSync(path, new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
}

function readPixels(path: string): Float32Array {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

import type { Position, Star, Trail } from './contents.ts';
import type { SceneRecipe } from './recipe.ts';
import type { Truth } from './scene.ts';

/** Where a detection that no truth explains lies; `excused`: it is not counted as false. */
export type Zone = 'field' | 'near-bright' | 'saturated' | 'excused';

/** Electrons above which a star is saturated on the science image or its halo is that of one. */
export const SATURATED = 2e6;

const EDGE = 20;

/** The zone of a position, by the reference's rules (section 2, scoring). */
export function zoneOf({ width, height }: SceneRecipe, truth: Truth, at: Position): Zone {
  if (at.x < EDGE || at.y < EDGE || at.x > width - 1 - EDGE || at.y > height - 1 - EDGE) return 'excused';
  const near = (star: Position, radius: number): boolean => distance(star, at) <= radius;
  if (truth.stars.some((star) => star.flux > SATURATED && near(star, 60))) return 'saturated';
  const changes = (star: Star): boolean => near(star, star.flux > 1e6 ? 16 : 6);
  if (truth.variables.some(changes) || truth.movers.some(changes)) return 'excused';
  if (truth.trails.some((trail) => trailDistance(trail, at) <= 5)) return 'excused';
  const isBright = ({ flux, ...star }: Star): boolean =>
    (flux > 5e5 && near(star, 20)) || (flux > 5e4 && near(star, 10));
  return truth.stars.some(isBright) ? 'near-bright' : 'field';
}

export function distance(a: Position, b: Position): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** From the line of a trail, pixels. */
export function trailDistance({ x, y, length, angleRad }: Trail, at: Position): number {
  const [cos, sin] = [Math.cos(angleRad), Math.sin(angleRad)];
  const along = (at.x - x) * cos + (at.y - y) * sin;
  const beyond = Math.max(0, Math.abs(along) - length / 2);
  return Math.hypot(beyond, (at.y - y) * cos - (at.x - x) * sin);
}

/** What is nearest to a false detection in units of how far it reaches: for finding out where false ones come from. */
export function neighbourOf(
  truth: Truth,
  at: Position,
): { kind: string; distance: number; flux: number } | undefined {
  const kinds = {
    star: truth.stars,
    galaxy: truth.galaxies,
    transient: truth.transients,
    fader: truth.faders,
  };
  let best: { kind: string; distance: number; flux: number } | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [kind, members] of Object.entries(kinds)) {
    for (const member of members) {
      const away = distance(member, at);
      // Light falls about as the sixth power of the distance in a Moffat's wings.
      const reach = away / Math.cbrt(Math.sqrt(member.flux));
      if (reach >= least) continue;
      least = reach;
      best = { kind, distance: away, flux: member.flux };
    }
  }
  return best;
}

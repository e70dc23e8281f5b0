import { type Satellite, satelliteOf } from '#shared/domain/satellites/element-set.ts';
import { ommFromTle } from '#shared/domain/satellites/two-line.ts';

export const parseTle = (line1: string, line2: string): Satellite => satelliteOf(ommFromTle(line1, line2));

/**
 * The dimension universe of a Butler repository: namespace `daf_butler`, version 8. Its elements are what data ids are
 * made of; each has a table of its own but `band`, which is seen through `physical_filter`.
 */

/** `name:type`; a string has its longest length behind it. */
type Field = `${string}:${'int' | 'float' | 'bool' | `string${number}` | `hash${number}`}`;

export interface Element {
  /** The primary key first, then alternative ones. Empty: an element of relations, without a key of its own. */
  readonly keys: readonly Field[];
  /** Dimensions whose keys are part of this one's. */
  readonly requires: readonly string[];
  /** Dimensions that a row of this one names. */
  readonly implies?: readonly string[];
  readonly metadata?: readonly Field[];
  /** How daf_butler keeps the rows: all in memory, or as those of nobody else's table. */
  readonly storage?: 'governor' | 'cached' | 'view';
  readonly populatedBy?: string;
  readonly alwaysJoin?: boolean;
}

const visitFields = [
  'target_name:string64',
  'observation_reason:string68',
  'science_program:string64',
] as const;

/** In the order of daf_butler: what an element requires stands before it, else by name. */
export const elements: Readonly<Record<string, Element>> = {
  band: { keys: ['name:string32'], requires: [], storage: 'view' },
  instrument: {
    keys: ['name:string32'],
    requires: [],
    metadata: [
      'visit_max:int',
      'visit_system:int',
      'exposure_max:int',
      'detector_max:int',
      'class_name:string64',
    ],
    storage: 'governor',
  },
  skymap: {
    keys: ['name:string64', 'hash:hash40'],
    requires: [],
    metadata: ['tract_max:int', 'patch_nx_max:int', 'patch_ny_max:int'],
    storage: 'governor',
  },
  ssp_hypothesis_table: { keys: ['name:string64'], requires: [] },
  day_obs: { keys: ['id:int'], requires: ['instrument'] },
  detector: {
    keys: ['id:int', 'full_name:string32'],
    requires: ['instrument'],
    metadata: ['name_in_raft:string32', 'raft:string32', 'purpose:string32'],
    storage: 'cached',
  },
  group: { keys: ['name:string64'], requires: ['instrument'] },
  physical_filter: {
    keys: ['name:string32'],
    requires: ['instrument'],
    implies: ['band'],
    storage: 'cached',
  },
  ssp_balanced_index: { keys: ['id:int'], requires: ['ssp_hypothesis_table'] },
  ssp_hypothesis_bundle: { keys: ['id:int'], requires: ['ssp_hypothesis_table'] },
  subfilter: { keys: ['id:int'], requires: ['band'], storage: 'cached' },
  tract: { keys: ['id:int'], requires: ['skymap'] },
  visit_system: { keys: ['id:int', 'name:string32'], requires: ['instrument'], storage: 'cached' },
  exposure: {
    keys: ['id:int', 'obs_id:string64'],
    requires: ['instrument'],
    implies: ['day_obs', 'group', 'physical_filter'],
    metadata: [
      'exposure_time:float',
      'dark_time:float',
      'observation_type:string16',
      'observation_reason:string68',
      'seq_num:int',
      'seq_start:int',
      'seq_end:int',
      'target_name:string64',
      'science_program:string64',
      'tracking_ra:float',
      'tracking_dec:float',
      'sky_angle:float',
      'azimuth:float',
      'zenith_angle:float',
      'has_simulated:bool',
      'can_see_sky:bool',
    ],
  },
  patch: {
    keys: ['id:int'],
    requires: ['skymap', 'tract'],
    metadata: ['cell_x:int', 'cell_y:int'],
  },
  visit: {
    keys: ['id:int', 'name:string64'],
    requires: ['instrument'],
    implies: ['day_obs', 'physical_filter'],
    metadata: ['seq_num:int', 'exposure_time:float', ...visitFields, 'azimuth:float', 'zenith_angle:float'],
  },
  visit_definition: {
    keys: [],
    requires: ['instrument', 'exposure', 'visit'],
    populatedBy: 'visit',
    alwaysJoin: true,
  },
  visit_detector_region: {
    keys: [],
    requires: ['instrument', 'detector', 'visit'],
    populatedBy: 'visit',
  },
  visit_system_membership: {
    keys: [],
    requires: ['instrument', 'visit_system', 'visit'],
    populatedBy: 'visit',
    alwaysJoin: true,
  },
};

/** A field's parts; `length` of strings and hashes. */
export function parseField(field: Field): { name: string; type: string; length?: number } {
  const [, name, type, length] = /^(\w+):([a-z]+)(\d*)$/.exec(field)!;
  return length === '' ? { name, type } : { name, type, length: Number(length) };
}

export const isSpatial = (name: string): boolean => Object.values(topology.spatial).flat().includes(name);
export const isTemporal = (name: string): boolean => topology.temporal.observation_timespans.includes(name);

/** All dimensions of an element's primary key, itself last where it has a key: `instrument, detector`. */
export const required = (name: string): string[] => [
  ...elements[name].requires,
  ...(elements[name].keys.length > 0 ? [name] : []),
];

const classes = 'lsst.daf.butler.registry.dimensions';
const table = { cls: `${classes}.table.TableDimensionRecordStorage` };
const cached = (nested: object) => ({ cls: `${classes}.caching.CachingDimensionRecordStorage`, nested });
const storages = {
  table,
  cached: cached(table),
  governor: { cls: `${classes}.governor.BasicGovernorDimensionRecordStorage` },
  view: cached({ cls: `${classes}.query.QueryDimensionRecordStorage`, view_of: 'physical_filter' }),
};

const packers = {
  visit_detector: ['instrument', 'visit', 'detector'],
  exposure_detector: ['instrument', 'exposure', 'detector'],
  tract_patch: ['skymap', 'tract', 'patch'],
  tract_patch_band: ['skymap', 'tract', 'patch', 'band'],
};

/** Families of elements with regions or timespans, the finer ones first: a query takes the first that it can. */
const topology = {
  spatial: {
    observation_regions: ['visit_detector_region', 'visit'],
    skymap_regions: ['patch', 'tract'],
  },
  temporal: { observation_timespans: ['exposure', 'visit', 'day_obs'] },
};

/** The universe as the text that stands in every repository (`config:dimensions.json`), by which clients read it. */
export function dimensionsJson(): string {
  return JSON.stringify({
    version: 8,
    namespace: 'daf_butler',
    skypix: {
      common: 'htm7',
      htm: { class: 'lsst.sphgeom.HtmPixelization', max_level: 24 },
      healpix: { class: 'lsst.sphgeom.HealpixPixelization', max_level: 17 },
    },
    elements: Object.fromEntries(Object.keys(elements).map((name) => [name, elementJson(name)])),
    topology,
    packers: Object.fromEntries(
      Object.entries(packers).map(([name, dimensions]) => {
        const [fixed] = dimensions;
        const cls =
          fixed === 'instrument'
            ? 'lsst.daf.butler.instrument.ObservationDimensionPacker'
            : 'lsst.skymap.packers.SkyMapDimensionPacker';
        return [name, { fixed: [fixed], dimensions, cls }];
      }),
    ),
  });
}

function elementJson(name: string): object {
  const { keys, requires, implies, metadata, storage, populatedBy, alwaysJoin } = elements[name];
  const field = (text: Field) => {
    const { length, ...rest } = parseField(text);
    return { ...rest, ...(length !== undefined && { [rest.type === 'hash' ? 'nbytes' : 'length']: length }) };
  };
  return {
    doc: `Dimension element ${name} of Rubin's Butler.`,
    ...(keys.length > 0 && { keys: keys.map(field) }),
    ...(requires.length > 0 && { requires }),
    ...(implies && { implies }),
    // Alone among all, what a patch has may not be null.
    ...(metadata && {
      metadata: metadata.map((text) => ({ ...field(text), ...(name === 'patch' && { nullable: false }) })),
    }),
    ...(storage === 'governor' && { governor: true }),
    ...(populatedBy !== undefined && { populated_by: populatedBy }),
    ...(alwaysJoin && { always_join: true }),
    storage: storages[storage ?? 'table'],
  };
}

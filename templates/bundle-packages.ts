import { createRequire } from 'node:module';
import type { Plugin } from 'esbuild';

const require = createRequire(import.meta.url);

/**
 * @platformatic/kafka needs two things to run from one file: its CRC as WebAssembly inside the bundle instead of a
 * file beside it, and no ajv, whose schema compilation at import takes 224 of 338 ms of CPU. ajv checks the client's
 * own options only, which types do here; so a class whose `compile` accepts everything stands for it.
 */
export const kafkaInOneFile: Plugin = {
  name: 'kafka-in-one-file',
  setup(build) {
    build.onResolve({ filter: /^@platformatic\/wasm-utils$/ }, ({ resolveDir }) => ({
      path: require.resolve('@platformatic/wasm-utils/bundled', { paths: [resolveDir] }),
    }));
    build.onResolve({ filter: /^ajv(-draft-04)?(\/dist\/20\d\d(\.js)?)?$/ }, () => ({
      path: 'ajv',
      namespace: 'accept-everything',
    }));
    build.onLoad({ filter: /.*/, namespace: 'accept-everything' }, () => ({ contents: acceptEverything }));
  },
};

const acceptEverything = `
class Ajv {
  compile() { return () => true; }
  addKeyword() { return this; }
  addMetaSchema() { return this; }
  addSchema() { return this; }
}
export default Ajv;
export { Ajv, Ajv as Ajv2019, Ajv as Ajv2020 };
`;

/** zod brings its messages in 60 languages (300 kB); ours are sentences in English. */
export const zodInEnglish: Plugin = {
  name: 'zod-in-english',
  setup(build) {
    build.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js';`,
    }));
  },
};

/**
 * satellite.js brings its bulk propagation as two WebAssembly modules, one of which CommonJS cannot hold (it awaits at
 * the top). We propagate one satellite at a time, without it.
 */
export const satellitesOneByOne: Plugin = {
  name: 'satellites-one-by-one',
  setup(build) {
    build.onResolve({ filter: /^#wasm-(single|multi)-thread$/ }, ({ path }) => ({
      path,
      namespace: 'left-out',
    }));
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `export default () => { throw new Error('${path} of satellite.js is left out of bundles.'); };`,
    }));
  },
};

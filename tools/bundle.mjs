// Puts the program with its libraries into few files, but for the one that is native: their modules, one by one, took
// half of its start-up. The tokenizer comes in a piece that is loaded when it is needed, so that its 55 MB need not be
// installed.
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeSchemas } from './schemas.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}dist`;

// Pieces of an earlier build have other names.
for (const name of readdirSync(dist)) if (name.startsWith('main-')) rmSync(`${dist}/${name}`);

/**
 * The adapters that axios brings, with what they stand on (redirects, proxies, form data and its table of MIME types), are
 * never called: ours is given to it. Loading them took a third of the start-up. Handlebars does without source maps where
 * it finds none.
 */
const UNUSED = [
  { of: /axios\/lib\/(?:adapters|env|platform)\//, what: /^(?:form-data|\.\/(?:http|xhr|fetch)\.js)$/ },
  { of: /\/handlebars\//, what: /^source-map$/ },
];

const withoutUnused = {
  name: 'without-unused',
  setup({ onResolve, onLoad }) {
    for (const { of, what } of UNUSED)
      onResolve({ filter: what }, ({ path, importer }) =>
        of.test(importer) ? { path, namespace: 'unused' } : undefined,
      );
    onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: 'export default null; export const getFetch = null;' }));
  },
};

await build({
  absWorkingDir: root,
  entryPoints: {
    main: 'src/main.ts',
    schemas: 'src/cli/schemas.ts',
    'convert-process': 'src/inbox/convert/convert-process.ts',
    'convert-worker': 'src/inbox/convert/convert-worker.ts',
  },
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: 'linked',
  chunkNames: 'main-[hash]',
  // Non-ASCII as it is: escapes would make the tokenizer's table half as large again.
  charset: 'utf8',
  external: ['libsql'],
  // For node it offers itself as CommonJS, of which nothing can be left out.
  alias: { rxjs: `${root}node_modules/rxjs/dist/esm/index.js` },
  plugins: [withoutUnused],
  // Some of what axios stands on is CommonJS, and asks for node's modules by `require`.
  banner: { js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);" },
  logLevel: 'warning',
});

await writeSchemas(dist);

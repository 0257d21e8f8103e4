// Puts the program with its libraries into few files, but for the one that is native: their modules, one by one, took
// half of its start-up. The tokenizer comes in a piece that is loaded when it is needed, so that its 55 MB need not be
// installed.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

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

/** What libraries make when they are loaded, and the program needs late or never: a tenth of its start-up. */
const LATER = [
  // To look for FormData loads all that `fetch` stands on. We send none.
  { files: /\/axios\/lib\/utils\.js$/, what: /\bG\.FormData\b/g, instead: 'undefined' },
  // Both make tables, for texts on a terminal.
  {
    files: /\/(?:string-width|slice-ansi|wrap-ansi)\/[\w-]+\.js$/,
    what: /^const (\w+) = (new Intl\.Segmenter\(.*\)|\/.*\\p\{RGI_Emoji\}.*\/v);$/gm,
    instead: `let $1Made;
const $1 = { segment: (text) => ($1Made ??= $2).segment(text), test: (text) => ($1Made ??= $2).test(text) };`,
  },
];

const madeLater = {
  name: 'made-later',
  setup({ onLoad, onEnd }) {
    const unmet = new Set(LATER);
    for (const later of LATER)
      onLoad({ filter: later.files }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const contents = source.replace(later.what, later.instead);
        if (contents !== source) unmet.delete(later);
        return { contents, loader: 'js' };
      });
    onEnd(() => ({ errors: [...unmet].map(({ what }) => ({ text: `no library has ${what} any more` })) }));
  },
};

await build({
  absWorkingDir: root,
  entryPoints: { main: 'src/main.ts', 'convert-worker': 'src/inbox/convert/convert-worker.ts' },
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
  plugins: [withoutUnused, madeLater],
  // Some of what axios stands on is CommonJS, and asks for node's modules by `require`.
  banner: { js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);" },
  logLevel: 'warning',
});

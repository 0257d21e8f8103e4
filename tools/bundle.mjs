// Puts the program with its libraries into few files, but for the one that is native: their modules, one by one, took
// half of its start-up. The tokenizer comes in a piece that is loaded when it is needed, so that its 55 MB need not be
// installed. Does nothing where that was made of the same files before.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = `${root}dist`;
/** What was made last, and of what. */
const RECORD = `${dist}/.built`;
/** It is not made, but starts what is. */
const LAUNCHER = 'main.js';

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

/**
 * What libraries make as they are loaded and few runs need: tables of all emoji and of where graphemes end (for text that is
 * not ASCII), node's own `fetch` (axios asks whether there is `FormData`, which loads it). That was an eighth of the start-up.
 */
const LAZY = [
  { of: /\/string-width\/index\.js$/, what: /(?<=^const \w+ = )(?:new Intl\.Segmenter\(\)|\/\^\\p\{RGI_Emoji\}\$\/v)(?=;$)/gm },
  { of: /\/axios\/lib\/utils\.js$/, what: /(?<=^const FormDataCtor = ).*(?=;$)/gm, is: 'undefined' },
];

const LAZILY = `
function lazily(make) {
  let made;
  return new Proxy({}, { get: (_, name) => (...given) => (made ??= make())[name](...given) });
}`;

const withLazy = {
  name: 'with-lazy',
  setup({ onLoad }) {
    for (const { of, what, is } of LAZY)
      onLoad({ filter: of }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        if (source.search(what) === -1) throw new Error(`${path} no longer has what is to be made later: see LAZY`);
        return { contents: source.replace(what, (made) => is ?? `lazily(() => ${made})`) + LAZILY };
      });
  },
};

/** A hash of all that the program is made of. */
function hashOfSources() {
  const hash = createHash('sha256');
  const sources = ['src', 'tools'].flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`),
  );
  for (const file of [...sources.toSorted(), `${root}package-lock.json`])
    hash.update(`${file.slice(root.length)}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function isMadeOf(hash) {
  if (!existsSync(RECORD)) return false;
  const record = JSON.parse(readFileSync(RECORD, 'utf8'));
  return record.hash === hash && record.files.every((file) => existsSync(`${dist}/${file}`));
}

async function bundle() {
  const { build } = await import('esbuild');
  const { licencesOf } = await import('./licences.mjs');
  mkdirSync(dist, { recursive: true });
  // Pieces of an earlier build have other names.
  for (const name of readdirSync(dist)) if (name !== LAUNCHER) rmSync(`${dist}/${name}`, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      sluice: 'src/main.ts',
      index: 'src/index.ts',
      schemas: 'src/cli/options/table.ts',
      converter: 'src/inbox/convert/converter.ts',
      'convert-worker': 'src/inbox/convert/convert-worker.ts',
    },
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    chunkNames: 'sluice-[hash]',
    metafile: true,
    legalComments: 'none',
    // Non-ASCII as it is: escapes would make the tokenizer's table half as large again.
    charset: 'utf8',
    external: ['libsql'],
    // For node it offers itself as CommonJS, of which nothing can be left out.
    // yargs brings a second `string-width`, which does not know that ASCII is as wide as it is long.
    alias: {
      rxjs: `${root}node_modules/rxjs/dist/esm/index.js`,
      'string-width': `${root}node_modules/string-width/index.js`,
    },
    plugins: [withoutUnused, withLazy],
    // Some of what axios stands on is CommonJS, and asks for node's modules by `require`.
    banner: { js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);" },
    logLevel: 'warning',
  });
  writeFileSync(`${dist}/THIRD-PARTY-LICENSES.txt`, licencesOf(metafile, root));
  await writeSchemas();
  return readdirSync(dist);
}

/** The JSON Schemas of sluice.config.yaml and of recipes, made of the tables that the program reads by. */
async function writeSchemas() {
  const bundled = `${dist}/schemas.js`;
  const { editorSchemas } = await import(pathToFileURL(bundled).href);
  for (const [name, schema] of Object.entries(editorSchemas()))
    writeFileSync(`${dist}/${name}`, `${JSON.stringify(schema, null, 2)}\n`);
  rmSync(bundled);
}

const hash = hashOfSources();
if (!isMadeOf(hash)) writeFileSync(RECORD, JSON.stringify({ hash, files: await bundle() }));

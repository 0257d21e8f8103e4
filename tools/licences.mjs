import { readdirSync, readFileSync } from 'node:fs';

const RULE = '-'.repeat(80);

/** What lies within a package and is not its author's. */
const WITHIN = [{ name: 'pdf.js, within unpdf', license: 'Apache-2.0', author: 'Mozilla Foundation', texts: [] }];

/** The licences of all packages of which something went into the bundle that esbuild's `metafile` describes, as one text. */
export function licencesOf(metafile, root) {
  const folders = Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([input]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0])
    .filter((folder) => folder !== undefined);
  const packages = [...new Set(folders)].toSorted().map((folder) => readPackage(`${root}${folder}`));
  const texts = [...packages, ...WITHIN].map((one) => licenceOf(one, packages));
  return `sluice contains these packages, or parts of them. Their licences:\n\n${texts.join('')}`;
}

function readPackage(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
  const texts = files.map((file) => readFileSync(`${folder}/${file}`, 'utf8').replaceAll('\r\n', '\n').trim());
  return { name: `${name} ${version}`, license, author: author?.name ?? author, texts };
}

/** Some packages come without the text of their licence: then another one has it. Of several the longest, as some only refer to it. */
function licenceOf({ name, license, author, texts }, packages) {
  const title = `${RULE}\n${name} (${license})\n`;
  if (texts.length > 0) return `${title}\n${texts.join('\n\n')}\n\n`;
  const [same] = packages
    .filter((other) => other.license === license)
    .toSorted((one, other) => textLength(other) - textLength(one));
  if (same === undefined || textLength(same) === 0) throw new Error(`There is no text of the licence of ${name} (${license}).`);
  return `${title}\nCopyright (c) ${author}. Under the licence that stands at ${same.name}.\n\n`;
}

function textLength({ texts }) {
  return texts.join('').length;
}

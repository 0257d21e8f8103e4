import { posix } from 'node:path';
import { unzipSync } from 'fflate';
import { attributeOf, decodeXml } from './xml-text.mjs';

const MOST_BYTES = 500_000_000;

/** The files of a ZIP archive, found whatever the case of their names. Throws where it is damaged. */
export function openArchive(bytes) {
  let total = 0;
  const files = unzipSync(bytes, {
    filter: ({ name, originalSize }) => {
      const isText = !/\.(?:png|jpe?g|gif|emf|wmf|bin|ttf|otf|mp[34]|wav)$/i.test(name);
      total += isText ? originalSize : 0;
      if (total > MOST_BYTES) throw new Error(`it unpacks to more than ${MOST_BYTES} bytes`);
      return isText;
    },
  });
  const byName = new Map(Object.entries(files).map(([name, content]) => [folded(name), content]));
  const text = (path) => {
    const content = byName.get(folded(path));
    return content === undefined ? null : decodeXml(content);
  };
  return { has: (path) => byName.has(folded(path)), text, bytes: (path) => byName.get(folded(path)) };
}

function folded(path) {
  return path.replaceAll('\\', '/').replace(/^\//, '').toLowerCase();
}

/** What a part of an Office file refers to inside the archive. */
export function relationsOf(archive, path) {
  const folder = posix.dirname(path);
  const xml = archive.text(posix.join(folder, '_rels', `${posix.basename(path)}.rels`)) ?? '';
  return [...xml.matchAll(/<(?:\w+:)?Relationship\s([^>]*)>/g)].flatMap(([, attributes]) => {
    if (/^external$/i.test(attributeOf(attributes, 'TargetMode') ?? '')) return [];
    return {
      id: attributeOf(attributes, 'Id'),
      type: (attributeOf(attributes, 'Type') ?? '').split('/').at(-1),
      path: posix.resolve('/', folder, (attributeOf(attributes, 'Target') ?? '').replaceAll('\\', '/')).slice(1),
    };
  });
}

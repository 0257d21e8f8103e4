/**
 * Sorts what has paths: folder by folder, in the order of the names, numbers in them by their value. So `page-2` comes
 * before `page-10`, and the order is the same on every machine.
 */
export function inReadingOrder<T extends { readonly name: string }>(files: readonly T[]): T[] {
  return files
    .map((file) => ({ file, key: readingKey(file.name) }))
    .toSorted((one, other) => compare(one.key, other.key) || compare(one.file.name, other.file.name))
    .map(({ file }) => file);
}

/** What paths are in reading order by, code unit by code unit. At most three times as long as the path. */
export function readingKey(path: string): string {
  return path.replaceAll('/', '\0').replaceAll(/\d+/g, numberKey);
}

/** Of two numbers without leading zeros, that with more digits is larger. The zero in front keeps the place among letters. */
function numberKey(digits: string): string {
  const significant = digits.replace(/^0+/, '');
  return `0${String.fromCharCode(significant.length)}${significant}`;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

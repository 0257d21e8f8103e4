/** What stands for more than itself: an escaped character, stars, `?`, what makes braces, and a set of characters. */
const TOKENS = /\\.|\*\*\/|\*\*|[*?{},]|\[[!^]?\]?[^\]]*\]|./gsu;

const STARS = new Map([
  ['**/', '(?:.*/)?'],
  ['**', '.*'],
  ['*', '[^/]*'],
  ['?', '[^/]'],
]);

/**
 * Whether a path matches a glob, by the rules of shells: `*`, `?` and sets such as `[0-4]` and `[!a]` stop at `/`, `**` does
 * not, `{a,b}` is one of several, `\` takes the meaning of the next character. A path also matches itself as it is written.
 */
export function globMatcher(glob: string): (path: string) => boolean {
  const pattern = new RegExp(`^${patternSource(glob)}$`, 'su');
  return (path) => path === glob || pattern.test(path);
}

function patternSource(glob: string): string {
  const sources: string[] = [];
  const open: { readonly at: number; readonly commas: number[] }[] = [];
  for (const token of glob.match(TOKENS) ?? []) {
    if (token === '{') open.push({ at: sources.length, commas: [] });
    if (token === ',') open.at(-1)?.commas.push(sources.length);
    const group = token === '}' ? open.pop() : undefined;
    sources.push(sourceOf(token));
    // Without a comma, braces stand for themselves.
    if (group === undefined || group.commas.length === 0) continue;
    sources[group.at] = '(?:';
    for (const at of group.commas) sources[at] = '|';
    sources[sources.length - 1] = ')';
  }
  return sources.join('');
}

function sourceOf(token: string): string {
  const stars = STARS.get(token);
  if (stars !== undefined) return stars;
  if (token.length > 1 && token.startsWith('[')) return setSource(token);
  return (token.length > 1 ? token.replace(/^\\/, '') : token).replace(/[\\^$.|+()[\]{}*?/]/, '\\$&');
}

/** A range that runs backwards, such as `[z-a]`, has no character. */
function setSource(token: string): string {
  const [, not = '', characters = ''] = /^\[([!^]?)(.*)\]$/su.exec(token) ?? [];
  const source = `[${not === '' ? '' : '^'}${characters.replace(/[[\]^\\]/g, '\\$&')}]`;
  try {
    return `(?!/)${new RegExp(source, 'u').source}`;
  } catch {
    return '(?!)';
  }
}

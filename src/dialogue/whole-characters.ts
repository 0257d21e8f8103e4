/** Where a text may be cut at or just before `end`: never within a surrogate pair. */
export function wholeCharacters(text: string, end: number): number {
  const splits = end > 0 && end < text.length && /^[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(text.slice(end - 1, end + 1));
  return splits ? end - 1 : end;
}

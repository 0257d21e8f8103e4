/** What a section of a number format writes around a number. */
export interface NumberUnit {
  /** Words before it: `Nr. `. */
  readonly before: string;
  /** Words behind it: ` kg`. */
  readonly after: string;
  /** `€`, `EUR`; empty: it says none. */
  readonly currency: string;
  /** Whole numbers have so many digits, with zeros before them. */
  readonly digits: number;
}

/** Of a section's code: literals, what fills or spaces, brackets, places for the number or its digits, and all else. */
const TOKENS =
  /"(?<quoted>[^"]*)"?|\\(?<escaped>[^])|[_*][^]?|\[\$(?<currency>[^\]-]*)[^\]]*\]?|\[[^\]]*\]?|(?<place>general|standard|e[+-]|[0#?@])|(?<bare>[^])/giu;
const CURRENCY = /\p{Sc}/u;
/** Signs, brackets and dashes alone say nothing that the number does not. */
const SAYS_SOMETHING = /[\p{L}\p{So}%‰]/u;
/** A comma behind the last digit: the number is shown in thousands, and words behind it may be `K` or `Mio.`. */
const IN_THOUSANDS = /[0#?],+(?![0#?,])/;

export function unitOf(section: string): NumberUnit {
  const currencies: string[] = [];
  let before = '';
  let after = '';
  let places = '';
  let bares = '';
  for (const { groups = {} } of section.matchAll(TOKENS)) {
    const { place, bare, currency = '' } = groups;
    const literal =
      groups['quoted'] ?? groups['escaped'] ?? (bare !== undefined && /[\p{L}\p{Sc}\s]/u.test(bare) ? bare : '');
    if (currency.trim() !== '') currencies.push(currency.trim());
    if (CURRENCY.test(literal)) currencies.push(literal.trim());
    else if (places === '') before += literal;
    else after += literal;
    // What stands between digits has no place beside the number.
    if (place !== undefined && places !== '') after = '';
    places += place ?? '';
    bares += place ?? bare ?? '';
  }
  const isWhole = !IN_THOUSANDS.test(bares);
  const words = (text: string): string => (isWhole && SAYS_SOMETHING.test(text) ? text : '');
  // Without a place for the number, words stand for it.
  const [first, last] = places === '' ? ['', ` ${before.trim()}`] : [before, after];
  return {
    before: words(first),
    after: words(last).trimEnd(),
    currency: currencies.join(' '),
    digits: /^0+$/.test(bares.trim()) ? places.length : 0,
  };
}

/** A stored number with what its format writes around it; the currency stands behind it. */
export function withUnit(number: string, { before, after, currency, digits }: NumberUnit): string {
  const padded =
    digits > 1 && /^-?\d+$/.test(number) ? number.replace(/\d+/, (all) => all.padStart(digits, '0')) : number;
  const text = `${before.trimStart()}${padded}${after}`;
  return currency === '' ? text : `${text} ${currency}`;
}

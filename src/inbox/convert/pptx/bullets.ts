import { type NumberStyle, numeral } from '../numerals.ts';
import { attribute, childElement, type XmlElement } from '../xml.ts';

/** What stands before the paragraphs of a level. */
type Bullet =
  | { readonly kind: 'none' | 'sign' }
  | { readonly kind: 'number'; readonly scheme: string; readonly start: number };

/** Levels of a text, at most. */
const LEVELS = 9;

/** Counts the numbered paragraphs of one text. */
export class Bullets {
  readonly #styles: readonly XmlElement[];
  /** Of each level, the number of the last paragraph, if it had one. */
  readonly #numbers: ({ readonly scheme: string; readonly start: number; readonly value: number } | undefined)[] = [];

  /** `styles`: lists of levels (`a:lstStyle`), the first that says something about a level counts. */
  constructor(styles: readonly XmlElement[]) {
    this.#styles = styles;
  }

  /** Indentation and bullet of the next paragraph with text in it. */
  next(paragraph: XmlElement): string {
    const properties = childElement(paragraph, 'pPr');
    const given = Number(attribute(properties, 'lvl') ?? 0);
    const level = given > 0 && given < LEVELS ? Math.floor(given) : 0;
    const mark = this.#mark(level, this.#bullet(properties, level));
    return '  '.repeat(level) + (mark === '' ? '' : `${mark} `);
  }

  #bullet(properties: XmlElement | undefined, level: number): Bullet {
    const own = bulletIn(properties);
    if (own !== undefined) return own;
    for (const style of this.#styles) {
      const bullet = bulletIn(childElement(style, `lvl${level + 1}pPr`));
      if (bullet !== undefined) return bullet;
    }
    return { kind: 'none' };
  }

  #mark(level: number, bullet: Bullet): string {
    this.#numbers.length = Math.min(this.#numbers.length, level + 1);
    if (bullet.kind !== 'number') {
      this.#numbers[level] = undefined;
      return bullet.kind === 'sign' ? '-' : '';
    }
    const { scheme, start } = bullet;
    const before = this.#numbers[level];
    const value = before?.scheme === scheme && before.start === start ? before.value + 1 : start;
    this.#numbers[level] = { scheme, start, value };
    return numberMark(scheme, value);
  }
}

function bulletIn(properties: XmlElement | undefined): Bullet | undefined {
  const number = childElement(properties, 'buAutoNum');
  if (number !== undefined) {
    const start = Number(attribute(number, 'startAt') ?? 1);
    return { kind: 'number', scheme: attribute(number, 'type') ?? '', start: Number.isSafeInteger(start) ? start : 1 };
  }
  if (childElement(properties, 'buNone') !== undefined) return { kind: 'none' };
  const isSign = ['buChar', 'buBlip'].some((name) => childElement(properties, name) !== undefined);
  return isSign ? { kind: 'sign' } : undefined;
}

const NUMBER_STYLES: Readonly<Record<string, NumberStyle>> = {
  alphaLc: 'letters',
  alphaUc: 'LETTERS',
  romanLc: 'roman',
  romanUc: 'ROMAN',
};

/** `arabicPeriod`, `alphaLcParenBoth`; figures also for those of other scripts, as the number is right. */
function numberMark(scheme: string, value: number): string {
  const number = numeral(NUMBER_STYLES[/^[a-z]+[UL]c/.exec(scheme)?.[0] ?? ''] ?? 'decimal', value);
  if (scheme.endsWith('ParenBoth')) return `(${number})`;
  if (scheme.endsWith('ParenR')) return `${number})`;
  return scheme.endsWith('Plain') ? number : `${number}.`;
}

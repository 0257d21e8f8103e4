import { describe, expect, test } from '@jest/globals';
import { freshSeeds, seeded } from '../../support/seeded.ts';
import { textOf } from './converted-in.ts';
import { docx, epub, openDocument } from './office-files.ts';

/** How one level of a list is numbered. */
interface Level {
  readonly style: (typeof STYLES)[number];
  readonly start: number;
}

interface Item {
  /** 0 is the outermost; at most one deeper than the item before. */
  readonly level: number;
  readonly text: string;
}

interface List {
  readonly levels: readonly Level[];
  readonly items: readonly Item[];
}

/** By the names that each format has for them. */
const STYLES = [
  { word: 'decimal', open: '1', html: '1' },
  { word: 'lowerLetter', open: 'a', html: 'a' },
  { word: 'upperLetter', open: 'A', html: 'A' },
  { word: 'lowerRoman', open: 'i', html: 'i' },
  { word: 'upperRoman', open: 'I', html: 'I' },
] as const;
const ROMAN = ['i', 'ii', 'iii', 'iv', 'v', 'vi', 'vii', 'viii', 'ix', 'x'];
const DEEPEST = 4;

function randomList(random: () => number): List {
  const below = (limit: number): number => Math.floor(random() * limit);
  const levels = Array.from({ length: DEEPEST }, () => ({
    style: STYLES[below(STYLES.length)] ?? STYLES[0],
    start: 1 + below(4),
  }));
  const items: Item[] = [];
  let deepest = 0;
  // Few enough for numbers that everybody can write down.
  for (let index = 0; index < 7; index += 1) {
    const level = below(deepest + 1);
    deepest = Math.min(DEEPEST - 1, level + 1);
    items.push({ level, text: `item ${index}` });
  }
  return { levels, items };
}

function written({ html }: Level['style'], number: number): string {
  const small = /1/.test(html)
    ? String(number)
    : ((/i/i.test(html) ? ROMAN[number - 1] : String.fromCharCode(96 + number)) ?? '');
  return /[AI]/.test(html) ? small.toUpperCase() : small;
}

/** Each item below its number, as a reader would count. */
function numbered({ levels, items }: List): readonly string[] {
  const standing: (number | undefined)[] = [];
  return items.map(({ level, text }) => {
    const { style, start } = levels[level] ?? { style: STYLES[0], start: 1 };
    standing.length = level + 1;
    const number = (standing[level] ?? start - 1) + 1;
    standing[level] = number;
    return `${written(style, number)}. ${text}`;
  });
}

const W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const REFERENCES =
  '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="n" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/></Relationships>';

function wordFile({ levels, items }: List): Buffer {
  const definitions = levels.map(
    ({ style, start }, index) =>
      `<w:lvl w:ilvl="${index}"><w:start w:val="${start}"/><w:numFmt w:val="${style.word}"/><w:lvlText w:val="%${index + 1}."/></w:lvl>`,
  );
  const paragraphs = items.map(
    ({ level, text }) =>
      `<w:p><w:pPr><w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>${text}</w:t></w:r></w:p>`,
  );
  return docx(paragraphs.join(''), {
    'word/_rels/document.xml.rels': REFERENCES,
    'word/numbering.xml': `<?xml version="1.0"?><w:numbering ${W}><w:abstractNum w:abstractNumId="0">${definitions.join('')}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`,
  });
}

/** Items with those that are deeper in them. */
function nested(
  items: readonly Item[],
  level: number,
  list: (level: number, inside: string) => string,
  item: (text: string, inside: string) => string,
): string {
  const places = items.flatMap((each, index) => (each.level === level ? [index] : []));
  const inside = places.map((place, index) => {
    const deeper = items.slice(place + 1, places[index + 1]);
    return item(items[place]?.text ?? '', deeper.length === 0 ? '' : nested(deeper, level + 1, list, item));
  });
  return list(level, inside.join(''));
}

function openFile({ levels, items }: List): Buffer {
  const definitions = levels.map(
    ({ style, start }, index) =>
      `<text:list-level-style-number text:level="${index + 1}" style:num-format="${style.open}" style:num-suffix="." text:start-value="${start}"/>`,
  );
  const body = nested(
    items,
    0,
    (level, inside) => `<text:list${level === 0 ? ' text:style-name="L"' : ''}>${inside}</text:list>`,
    (text, inside) => `<text:list-item><text:p>${text}</text:p>${inside}</text:list-item>`,
  );
  return openDocument('text', body, `<text:list-style style:name="L">${definitions.join('')}</text:list-style>`);
}

function book({ levels, items }: List): Buffer {
  return epub([
    nested(
      items,
      0,
      (level, inside) => `<ol type="${levels[level]?.style.html}" start="${levels[level]?.start}">${inside}</ol>`,
      (text, inside) => `<li>${text}${inside}</li>`,
    ),
  ]);
}

describe('items of any list keep their numbers', () => {
  describe.each([
    ['docx', wordFile],
    ['odt', openFile],
    ['epub', book],
  ])('%s', (format, file) => {
    test.each(freshSeeds(20))('seed %d', async (seed) => {
      const list = randomList(seeded(seed));
      const text = await textOf(`a.${format}`, file(list));
      const lines = text.split('\n').map((line) => line.trim());
      expect(lines.filter((line) => line !== '')).toEqual(numbered(list));
    });
  });
});

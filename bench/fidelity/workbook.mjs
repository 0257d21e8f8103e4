import { relationsOf } from './archive.mjs';
import { attributeOf, visitXml, xmlText } from './xml-text.mjs';

const PHONETIC = new Set(['rPh', 'phoneticPr']);
/** What old programs show of a comment that newer ones keep elsewhere. */
const THREADED = /^\s*\[Threaded comment\]/;

/** The texts of a workbook's sheets: strings, numbers, dates and comments of their cells; and the drawings on them. */
export function workbookTexts(archive, path, xml) {
  const relations = relationsOf(archive, path);
  const partOf = (type) => archive.text(relations.find((relation) => relation.type === type)?.path ?? '') ?? '';
  const strings = itemsOf(partOf('sharedStrings'), 'si');
  const styles = dateStyles(partOf('styles'));
  const [, date1904] = /<(?:\w+:)?workbookPr\s[^>]*date1904\s*=\s*["'](\w+)/.exec(xml) ?? [];
  const book = { strings, styles, is1904: date1904 === '1' || date1904 === 'true' };
  const sheets = [];
  const drawings = [];
  for (const { id, type, path: target } of relations) {
    const sheet = /^(?:work|chart)sheet$/.test(type) && xml.includes(`"${id}"`) ? archive.text(target) : null;
    if (sheet === null) continue;
    sheets.push(cellTexts(sheet, book).join('\n'));
    for (const { id: ownId, type: kind, path: below } of relationsOf(archive, target)) {
      if (kind === 'drawing' && sheet.includes(`"${ownId}"`) && archive.has(below)) drawings.push(below);
      if (kind === 'comments')
        sheets.push(...itemsOf(archive.text(below) ?? '', 'comment').filter((text) => !THREADED.test(text)));
      if (kind === 'threadedComment') sheets.push(xmlText(archive.text(below) ?? '', { texts: new Set(['text']) }));
    }
  }
  return { sheets, drawings: [...new Set(drawings)] };
}

/** The text of each `<name>`, in order. */
function itemsOf(xml, name) {
  const items = [];
  let skipped = 0;
  let inText = false;
  visitXml(xml, {
    open: (element) => {
      if (element === name) items.push('');
      if (PHONETIC.has(element)) skipped += 1;
      inText = element === 't' && skipped === 0;
    },
    close: (element) => {
      if (PHONETIC.has(element)) skipped -= 1;
      inText = false;
    },
    text: (text) => {
      if (inText && items.length > 0) items[items.length - 1] += unescaped(text);
    },
  });
  return items;
}

/** `_x000D_` is how a control character is written. */
function unescaped(text) {
  return text.replaceAll(/_x([\dA-F]{4})_/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function cellTexts(sheet, book) {
  const found = [];
  let cell = null;
  let into = null;
  let phonetic = 0;
  visitXml(sheet, {
    open: (name, attributes) => {
      if (PHONETIC.has(name)) phonetic += 1;
      if (name === 'c') cell = emptyCell(attributes);
      else if (cell !== null) {
        cell.isKnown ||= name === 'v';
        into = ['v', 'f', 't'].includes(name) && phonetic === 0 ? name : null;
      }
    },
    close: (name) => {
      into = null;
      if (PHONETIC.has(name)) phonetic -= 1;
      if (name !== 'c' || cell === null) return;
      const text = cellText(cell, book);
      if (text !== '') found.push(text);
      cell = null;
    },
    text: (text) => {
      if (cell !== null && into !== null) cell[into] += text;
    },
  });
  return found;
}

function emptyCell(attributes) {
  const style = Number(attributeOf(attributes, 's') ?? 0);
  return { type: attributeOf(attributes, 't') ?? 'n', style, v: '', f: '', t: '', isKnown: false };
}

/** A formula without a value, even an empty one, is what the cell holds. */
function cellText({ type, style, v, f, t, isKnown }, { strings, styles, is1904 }) {
  const value = v.trim();
  if (value === '') return unescaped(type === 'inlineStr' || isKnown ? t : t || f);
  switch (type) {
    case 's':
      return strings[Number(value)] ?? '';
    case 'b':
      return value === '0' || value === 'false' ? 'FALSE' : 'TRUE';
    case 'n':
      return styles[style] === undefined ? value : dateText(Number(value), styles[style], is1904);
    default:
      return unescaped(v);
  }
}

const DATES = [14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58];
const TIMES = [18, 19, 20, 21, 32, 33, 34, 35, 45, 47];
const BUILT_IN = new Map([
  ...DATES.map((id) => [id, id === 22 ? 'yyyy-mm-dd hh:mm' : 'yyyy-mm-dd']),
  ...TIMES.map((id) => [id, 'hh:mm']),
  [46, '[h]:mm:ss'],
]);

/** The format of each style that is one of dates, times or hours; undefined for others. */
function dateStyles(xml) {
  const codes = new Map(BUILT_IN);
  const styles = [];
  let inCells = false;
  visitXml(xml, {
    open: (name, attributes) => {
      if (name === 'numFmt') {
        const code = (attributeOf(attributes, 'formatCode') ?? '')
          .split(';')[0]
          .replaceAll(/"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '');
        codes.set(
          Number(attributeOf(attributes, 'numFmtId')),
          /[ymdhs]/i.test(code) && !/general/i.test(code) ? code : undefined,
        );
      }
      if (name === 'cellXfs') inCells = true;
      if (name === 'xf' && inCells) styles.push(codes.get(Number(attributeOf(attributes, 'numFmtId') ?? 0)));
    },
    close: (name) => {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return styles;
}

const two = (number) => String(number).padStart(2, '0');

/** The digits that a date or time must have; what a spreadsheet cannot show as a date is a number. */
function dateText(serial, code, is1904) {
  if (!Number.isFinite(serial) || serial < 0) return String(serial);
  const seconds = Math.round(serial * 86_400);
  const time = (hours) => `${two(hours)} ${two(Math.floor(seconds / 60) % 60)}`;
  if (/\[h+\]/i.test(code)) return time(Math.floor(seconds / 3600));
  if (/\[[ms]+\]/i.test(code)) return '';
  const clock = time(Math.floor(seconds / 3600) % 24);
  if (serial < 1 && !is1904) return clock;
  if (!/[yd]/i.test(code) && !/m/i.test(code.replaceAll(/h+[^a-z]*m+|m+[^a-z]*s+/gi, ''))) return clock;
  // 1900 has a 29 February for spreadsheets.
  const days = is1904 ? 24_107 : Math.floor(seconds / 86_400) < 60 ? 25_568 : 25_569;
  const date = new Date((seconds - days * 86_400) * 1000);
  if (Number.isNaN(date.valueOf())) return String(serial);
  return `${date.toISOString().slice(0, 10)}${seconds % 86_400 === 0 ? '' : ` ${clock}`}`;
}

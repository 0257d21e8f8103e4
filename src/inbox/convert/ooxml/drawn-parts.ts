import { groupBy } from '../../../lib/collections.ts';
import { markdownTable } from '../tables.ts';
import {
  attribute,
  childElement,
  childElements,
  elementsNamed,
  type MaybeElement,
  textOf,
  type XmlElement,
} from '../xml.ts';
import { numberFormat, shownNumber } from './number-formats.ts';
import { drawnLines, isOn } from './ooxml.ts';

/** What a chart or SmartArt becomes, which lies in a part of its own. */
export interface DrawnPart {
  readonly blocks: readonly string[];
  readonly leftOut: Readonly<Record<string, number>>;
}

interface Series {
  readonly name: string;
  /** What stands below each point, by the point's number. */
  readonly labels: ReadonlyMap<number, string>;
  readonly columns: readonly ValueColumn[];
}

interface ValueColumn {
  readonly name: string;
  readonly values: ReadonlyMap<number, string>;
}

/** A chart's title, the titles of its axes, and the values that were stored when it was last drawn. */
export function chartOf(space: XmlElement): DrawnPart {
  const chart = childElement(space, 'chart');
  if (chart === undefined) return { blocks: [], leftOut: { chart: 1 } };
  const titles = elementsNamed(chart, 'title').map(wordsOf);
  const own = childElement(chart, 'title');
  const title = wordsOf(own);
  const axes = titles.slice(own === undefined ? 0 : 1).filter((text) => text !== '');
  const labels = elementsNamed(chart, 'dLbl')
    .map(wordsOf)
    .filter((text) => text !== '');
  const series = [...classicSeries(space, chart), ...newerSeries(space, chart)];
  // Series that stand over the same labels go into one table.
  const groups = groupBy(series, ({ labels: below }) => JSON.stringify([...below]));
  const tables = [...groups.values()].map(seriesTable).filter((table) => table !== '');
  const blocks = [
    title === '' ? 'Chart:' : `Chart: ${title}`,
    ...(axes.length === 0 ? [] : [`Axes: ${axes.join('; ')}`]),
    ...tables,
    ...(labels.length === 0 ? [] : [`Labels: ${labels.join('; ')}`]),
  ];
  return tables.length > 0 ? { blocks, leftOut: {} } : { blocks: title === '' ? [] : blocks, leftOut: { chart: 1 } };
}

function classicSeries(space: XmlElement, chart: XmlElement): readonly Series[] {
  const date1904 = childElement(space, 'date1904');
  const is1904 = date1904 !== undefined && isOn(attribute(date1904, 'val'));
  return elementsNamed(chart, 'ser').map((series) => {
    const points = (name: string): ReadonlyMap<number, string> => cachedPoints(childElement(series, name), is1904);
    const name = wordsOf(childElement(series, 'tx'));
    const labels = points('cat').size > 0 ? points('cat') : points('xVal');
    const values = points('val').size > 0 ? points('val') : points('yVal');
    const sizes = points('bubbleSize');
    return {
      name,
      labels,
      columns: [{ name, values }, ...(sizes.size > 0 ? [{ name: `${name} (size)`, values: sizes }] : [])],
    };
  });
}

/** Waterfalls, funnels, maps and other kinds since Office 2016 (`cx`): values lie apart from the series. */
function newerSeries(space: XmlElement, chart: XmlElement): readonly Series[] {
  const sources = new Map(elementsNamed(space, 'data').map((data) => [attribute(data, 'id') ?? '', data]));
  return elementsNamed(chart, 'series').map((series) => {
    const name = wordsOf(childElement(series, 'tx'));
    const source = sources.get(attribute(childElement(series, 'dataId'), 'val') ?? '');
    return {
      name,
      labels: cachedPoints(childElement(source, 'strDim'), false),
      columns: childElements(source, 'numDim').map((values) => ({ name, values: cachedPoints(values, false) })),
    };
  });
}

/** Labels may have levels (year, quarter): the outermost comes last, and stands once for many points. */
function cachedPoints(source: MaybeElement, is1904: boolean): ReadonlyMap<number, string> {
  const levels = elementsNamed(source, 'lvl');
  if (levels.length < 2) return pointsIn(source, is1904);
  const [inner = new Map<number, string>(), ...outer] = levels.map((level) => pointsIn(level, is1904));
  const reached = outer.map((points) => ({ points: [...points], next: 0, text: '' }));
  return new Map(
    [...inner].map(([index, text]) => {
      for (const level of reached) {
        for (; (level.points[level.next]?.[0] ?? Infinity) <= index; level.next += 1)
          level.text = level.points[level.next]?.[1] ?? '';
      }
      const words = [...reached.map((level) => level.text).toReversed(), text];
      return [index, words.filter((word) => word !== '').join(' / ')];
    }),
  );
}

function pointsIn(source: MaybeElement, is1904: boolean): ReadonlyMap<number, string> {
  const [code] = elementsNamed(source, 'formatCode');
  const usual = code === undefined ? undefined : numberFormat(textOf(code));
  const points = elementsNamed(source, 'pt').map((point): [number, string] => {
    const text = textOf(childElement(point, 'v') ?? point).trim();
    const own = attribute(point, 'formatCode');
    const format = own === undefined ? usual : numberFormat(own);
    return [Number(attribute(point, 'idx') ?? 0), format === undefined ? text : shownNumber(text, format, is1904)];
  });
  return new Map(points.toSorted(([a], [b]) => a - b));
}

function seriesTable(group: readonly [Series, ...Series[]]): string {
  const [{ labels }] = group;
  const columns = group.flatMap((series) => series.columns);
  const indices = new Set([...labels.keys(), ...columns.flatMap(({ values }) => [...values.keys()])]);
  const rows = [...indices]
    .toSorted((a, b) => a - b)
    .map((index) => [labels, ...columns.map(({ values }) => values)].map((points) => points.get(index) ?? ''));
  return rows.length === 0 ? '' : markdownTable([['', ...columns.map(({ name }) => name)], ...rows]);
}

/** Text that somebody wrote, or that was taken from a cell; not the formula that says from which. */
function wordsOf(element: MaybeElement): string {
  const lines = drawnLines(element);
  if (lines.length > 0) return lines.join(' ').replaceAll('\n', ' ');
  return elementsNamed(element, 'v').map(textOf).join(' ').trim();
}

/** Deeper items are not indented further. */
const DEEPEST = 20;

/** The texts of SmartArt as a list, those below each other indented. */
export function diagramOf(model: XmlElement): DrawnPart {
  const points = new Map(elementsNamed(model, 'pt').map((point) => [attribute(point, 'modelId') ?? '', point]));
  const below = new Map<string, string[]>();
  const isBelow = new Set<string>();
  for (const connection of inOrder(elementsNamed(model, 'cxn'))) {
    // The others lead to shapes, which show the same text.
    if ((attribute(connection, 'type') ?? 'parOf') !== 'parOf') continue;
    const above = attribute(connection, 'srcId') ?? '';
    // Between them: what stands on an arrow.
    const ids = ['destId', 'parTransId', 'sibTransId'].map((name) => attribute(connection, name) ?? '');
    const others = below.get(above) ?? [];
    others.push(...ids);
    below.set(above, others);
    for (const id of ids) isBelow.add(id);
  }
  const lines: string[] = [];
  const seen = new Set<string>();
  const open = [...points.keys()].filter((id) => !isBelow.has(id)).map((id) => ({ id, depth: 0 }));
  // Points in a cycle come last, as each is below another.
  open.push(...[...points.keys()].map((id) => ({ id, depth: 0 })));
  open.reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const point = points.get(next.id);
    if (point === undefined || seen.has(next.id)) continue;
    seen.add(next.id);
    const text = pointText(point);
    if (text !== '') lines.push(`${'  '.repeat(Math.min(next.depth, DEEPEST))}- ${text}`);
    const depth = text === '' ? next.depth : next.depth + 1;
    for (const id of (below.get(next.id) ?? []).toReversed()) open.push({ id, depth });
  }
  const pictures = elementsNamed(model, 'blip').length;
  return {
    blocks: lines.length === 0 ? [] : [lines.join('\n')],
    leftOut: {
      ...(lines.length === 0 ? { 'SmartArt graphic': 1 } : {}),
      ...(pictures === 0 ? {} : { picture: pictures }),
    },
  };
}

function inOrder(connections: readonly XmlElement[]): readonly XmlElement[] {
  return connections.toSorted((a, b) => Number(attribute(a, 'srcOrd') ?? 0) - Number(attribute(b, 'srcOrd') ?? 0));
}

function pointText(point: XmlElement): string {
  return drawnLines(childElement(point, 't')).join(' ').replaceAll('\n', ' ');
}

// Pieces of the XML of OpenDocument files.

export const p = (text: string): string => `<text:p>${text}</text:p>`;
export const cell = (text: string, attributes = ''): string =>
  `<table:table-cell ${attributes}>${p(text)}</table:table-cell>`;
export const row = (...cells: readonly string[]): string => `<table:table-row>${cells.join('')}</table:table-row>`;
export const table = (...rows: readonly string[]): string =>
  `<table:table table:name="T">${rows.join('')}</table:table>`;
export const item = (...content: readonly string[]): string => `<text:list-item>${content.join('')}</text:list-item>`;
export const list = (attributes: string, ...items: readonly string[]): string =>
  `<text:list ${attributes}>${items.join('')}</text:list>`;
export const level = (number: number, attributes: string): string =>
  `<text:list-level-style-number text:level="${number}" ${attributes}/>`;
export const listStyle = (name: string, ...levels: readonly string[]): string =>
  `<text:list-style style:name="${name}">${levels.join('')}</text:list-style>`;
export const textStyle = (name: string, properties: string, more = ''): string =>
  `<style:style style:name="${name}" style:family="text" ${more}><style:text-properties ${properties}/></style:style>`;
export const frame = (content: string, attributes = ''): string => `<draw:frame ${attributes}>${content}</draw:frame>`;
export const object = (href: string): string => `<draw:object xlink:href="${href}"/>`;
export const COVERED = '<table:covered-table-cell/>';

/** The one kind of ignored entry that is trouble: documents may lie behind it. */
export const UNREADABLE = 'entries that cannot be read';

/** Told while a long work goes on: how many of each thing have been read; `of` is how many of the first there are. */
export type Progress = (read: Readonly<Record<string, number>>) => void

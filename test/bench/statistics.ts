/** The value that `part` of all values do not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(Math.ceil(sorted.length * part) - 1, 0)] ?? Number.NaN
}

export const median = (values: readonly number[]): number => percentile(values, 0.5)

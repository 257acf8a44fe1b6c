import type { Axis, Data, Mark, Scale, Spec } from 'vega'
import { SessionsError } from '../sessions/find-files.ts'
import { Html } from './html.ts'

/** What a chart is of, in the order in which it is shown; texts are cut where they are too long. */
export interface Bar {
  readonly label: string
  readonly value: number
  /** What stands at the end of the bar. */
  readonly text: string
}

/** Seconds of one thing; half, 90 of 100 and 95 of 100 are no longer. */
export interface Range {
  readonly label: string
  readonly median: number
  readonly p90: number
  readonly p95: number
}

/** How often each of two has each rating, as parts of all its ratings. */
export interface RatingShare {
  readonly who: string
  readonly rating: number
  readonly share: number
  readonly text: string
}

/** Charts as SVG text that needs no script, takes its colours from the page, and is hidden from those who are read to: a table is beside it. */
export class Charts {
  readonly #vega: typeof import('vega')

  private constructor(vega: typeof import('vega')) {
    this.#vega = vega
  }

  /** Throws a `SessionsError` where the package is absent. */
  static async load(): Promise<Charts> {
    const vega = await import('vega').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
      throw new SessionsError('charts need a package: npm install --no-save vega@6.4.0 (the other formats do without)')
    })
    return new Charts(vega)
  }

  bars(bars: readonly Bar[]): Promise<Html> {
    return this.#draw(barSpec(bars))
  }

  columns(bars: readonly Bar[]): Promise<Html> {
    return this.#draw(columnSpec(bars))
  }

  ranges(ranges: readonly Range[]): Promise<Html> {
    return this.#draw(rangeSpec(ranges))
  }

  ratings(shares: readonly RatingShare[]): Promise<Html> {
    return this.#draw(ratingSpec(shares))
  }

  async #draw(spec: Spec): Promise<Html> {
    const { View, parse } = this.#vega
    const svg = await new View(parse({ ...COMMON, ...spec }), { renderer: 'none' }).toSVG()
    return new Html(svg.replace('<svg ', '<svg aria-hidden="true" focusable="false" '))
  }
}

// ---- what all have

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'
const LETTERS = { labelFont: FONT, labelFontSize: 12, labelColor: 'var(--text)' }

const COMMON: Spec = {
  autosize: 'none',
  config: {
    text: { font: FONT, fontSize: 12, fill: 'var(--text)' },
    axis: { ...LETTERS, domain: false, ticks: false, gridColor: 'var(--line)', aria: false },
    legend: { ...LETTERS, orient: 'top', offset: 8, aria: false },
    mark: { aria: false },
  },
}

/** Two charts stand beside each other; one of columns takes the place of both. Pixels. */
const [HALF, WHOLE] = [460, 960]
const ROW = 24
const [LEFT, RIGHT] = [180, 64]
const MAX_LABEL = 26

const cut = (text: string): string => {
  const characters = [...text]
  return characters.length > MAX_LABEL ? `${characters.slice(0, MAX_LABEL - 1).join('')}…` : text
}

/** Rows are known by their numbers: labels may be the same once they are cut. */
const numbered = (rows: readonly { readonly label: string }[]): Data => ({
  name: 'rows',
  values: rows.map((row, index) => ({ ...row, index, label: cut(row.label) })),
})

const LABELS = { labels: { update: { text: { signal: "data('rows')[datum.value].label" } } } }

const rowScale = (count: number): Scale => ({
  name: 'row',
  type: 'band',
  domain: { signal: `sequence(${count})` },
  range: [0, count * ROW],
  padding: 0.3,
})

const ROW_AXIS: Axis = { scale: 'row', orient: 'left', labelPadding: 8, labelLimit: 0, encode: LABELS }

// ---- each

/** Bars from left to right. */
const barSpec = (bars: readonly Bar[]): Spec => ({
  width: HALF - LEFT - RIGHT,
  height: bars.length * ROW,
  padding: { left: LEFT, right: RIGHT, top: 0, bottom: 0 },
  data: [numbered(bars)],
  scales: [
    rowScale(bars.length),
    { name: 'value', domain: { data: 'rows', field: 'value' }, range: 'width', zero: true },
  ],
  axes: [ROW_AXIS],
  marks: [
    {
      type: 'rect',
      from: { data: 'rows' },
      encode: {
        enter: {
          y: { scale: 'row', field: 'index' },
          height: { scale: 'row', band: 1 },
          x: { value: 0 },
          x2: { scale: 'value', field: 'value' },
          fill: { value: 'var(--one)' },
        },
      },
    },
    {
      type: 'text',
      from: { data: 'rows' },
      encode: {
        enter: {
          y: { scale: 'row', field: 'index', band: 0.5 },
          x: { scale: 'value', field: 'value', offset: 6 },
          text: { field: 'text' },
          baseline: { value: 'middle' },
        },
      },
    },
  ],
})

/** Columns from left to right, such as days. */
const columnSpec = (bars: readonly Bar[]): Spec => ({
  width: WHOLE - 70,
  height: 170,
  padding: { left: 56, right: 14, top: 10, bottom: 26 },
  data: [numbered(bars)],
  scales: [
    { name: 'column', type: 'band', domain: { data: 'rows', field: 'index' }, range: 'width', padding: 0.15 },
    { name: 'value', domain: { data: 'rows', field: 'value' }, range: 'height', zero: true, nice: true },
  ],
  axes: [
    { scale: 'value', orient: 'left', grid: true, tickCount: 4, format: ',d', tickMinStep: 1 },
    { scale: 'column', orient: 'bottom', labelOverlap: 'greedy', labelSeparation: 4, labelPadding: 6, encode: LABELS },
  ],
  marks: [
    {
      type: 'rect',
      from: { data: 'rows' },
      encode: {
        enter: {
          x: { scale: 'column', field: 'index' },
          width: { scale: 'column', band: 1 },
          y: { scale: 'value', field: 'value' },
          y2: { scale: 'value', value: 0 },
          fill: { value: 'var(--one)' },
        },
      },
    },
  ],
})

/** The percentiles by their shapes, so that nobody needs to tell colours apart. */
const SHAPES = { median: 'circle', p90: 'diamond', p95: 'triangle-right' } as const
const CLOCK =
  "(datum.value < 3600 ? '' : floor(datum.value / 3600) + ':') + (datum.value < 3600 ? floor(datum.value / 60) : pad(floor(datum.value % 3600 / 60), 2, '0', 'left')) + ':' + pad(datum.value % 60, 2, '0', 'left')"
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18_000, 36_000, 86_400]

/** Whole seconds or minutes or hours, some five of them. */
function ticksUpTo(seconds: number): number[] {
  const step = STEPS.find((one) => seconds / one <= 5) ?? Math.ceil(seconds / 5 / 86_400) * 86_400
  return Array.from({ length: Math.max(Math.ceil(seconds / step), 1) + 1 }, (_, index) => index * step)
}

function rangeSpec(ranges: readonly Range[]): Spec {
  const values = ticksUpTo(Math.max(...ranges.map(({ p95 }) => p95)))
  const y = { scale: 'row', field: 'index', band: 0.5 }
  const mark = (part: keyof typeof SHAPES): Mark => ({
    type: 'symbol',
    from: { data: 'rows' },
    encode: {
      enter: {
        y,
        x: { scale: 'seconds', field: part },
        shape: { value: SHAPES[part] },
        size: { value: 70 },
        fill: { value: 'var(--one)' },
      },
    },
  })
  return {
    width: HALF - LEFT - 30,
    height: ranges.length * ROW,
    padding: { left: LEFT, right: 30, top: 30, bottom: 22 },
    data: [numbered(ranges)],
    scales: [
      rowScale(ranges.length),
      { name: 'seconds', domain: [0, values.at(-1) ?? 1], range: 'width' },
      { name: 'shape', type: 'ordinal', domain: Object.keys(SHAPES), range: Object.values(SHAPES) },
    ],
    axes: [
      {
        scale: 'seconds',
        orient: 'bottom',
        grid: true,
        values,
        encode: { labels: { update: { text: { signal: CLOCK } } } },
      },
      ROW_AXIS,
    ],
    legends: [
      { direction: 'horizontal', shape: 'shape', symbolFillColor: 'var(--one)', symbolStrokeWidth: 0, symbolSize: 70 },
    ],
    marks: [
      {
        type: 'rule',
        from: { data: 'rows' },
        encode: {
          enter: {
            y,
            x: { scale: 'seconds', field: 'median' },
            x2: { scale: 'seconds', field: 'p95' },
            stroke: { value: 'var(--one)' },
            strokeWidth: { value: 2 },
          },
        },
      },
      mark('median'),
      mark('p90'),
      mark('p95'),
    ],
  }
}

/** Columns of two beside each other for each rating. */
function ratingSpec(shares: readonly RatingShare[]): Spec {
  const who = [...new Set(shares.map((share) => share.who))]
  const colours: Scale = { name: 'colour', type: 'ordinal', domain: who, range: ['var(--one)', 'var(--two)'] }
  const inFacet = { scale: 'within', field: 'who' }
  return {
    width: HALF - 40,
    height: 130,
    padding: { left: 20, right: 20, top: 44, bottom: 26 },
    data: [{ name: 'shares', values: [...shares] }],
    scales: [
      { name: 'rating', type: 'band', domain: { data: 'shares', field: 'rating' }, range: 'width', padding: 0.2 },
      { name: 'share', domain: { data: 'shares', field: 'share' }, range: 'height', zero: true },
      colours,
    ],
    axes: [{ scale: 'rating', orient: 'bottom', labelPadding: 6 }],
    legends: [{ direction: 'horizontal', fill: 'colour', symbolType: 'square', symbolStrokeWidth: 0 }],
    marks: [
      {
        type: 'group',
        from: { facet: { data: 'shares', name: 'own', groupby: 'rating' } },
        encode: { enter: { x: { scale: 'rating', field: 'rating' } } },
        signals: [{ name: 'width', update: "bandwidth('rating')" }],
        scales: [{ name: 'within', type: 'band', domain: who, range: 'width', padding: 0.08 }],
        marks: [
          {
            type: 'rect',
            from: { data: 'own' },
            encode: {
              enter: {
                x: inFacet,
                width: { scale: 'within', band: 1 },
                y: { scale: 'share', field: 'share' },
                y2: { scale: 'share', value: 0 },
                fill: { scale: 'colour', field: 'who' },
              },
            },
          },
          {
            type: 'text',
            from: { data: 'own' },
            encode: {
              enter: {
                x: { ...inFacet, band: 0.5 },
                y: { scale: 'share', field: 'share', offset: -5 },
                text: { field: 'text' },
                align: { value: 'center' },
              },
            },
          },
        ],
      },
    ],
  }
}

/** Text that is HTML already. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Insertable = string | number | Html | readonly Insertable[] | undefined

/** HTML from a template: everything put into it is escaped, unless it is HTML itself. Attributes need their quotes. */
export const html = (texts: TemplateStringsArray, ...values: readonly Insertable[]): Html =>
  new Html(texts.map((text, i) => text + insert(values[i])).join(''))

function insert(value: Insertable): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(insert).join('')
  return String(value).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`)
}

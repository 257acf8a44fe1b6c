import type { Model } from './model.ts'

/** From a line of the file to the first value that it makes; stays where there is none. */
export function focusFirstValue(model: Model): boolean {
  const first = document.querySelector<HTMLElement>('.audiences [data-current] button')
  if (first) first.focus()
  else model.announce('This line makes no value of the answer that is shown.')
  return true
}

import { remember } from './remember.ts'

/** A code of the platform in one spelling: files have `subStatus` and `sub_status`, reports `Unexpectedly_ended`. */
export const toWord = remember((text) =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_'),
)

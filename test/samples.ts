import { join } from 'node:path'

/** A copy of the sample flow files for the tests: those in `flows/` are live, and their designers may change or remove them. */
export const SAMPLES = join(import.meta.dirname, 'fixtures', 'flows')

import { join } from 'node:path'

/**
 * Sample flow files for the tests: those in `flows/` are live, and their designers may change or remove them. `book-a-trip.yaml`
 * is the vendor's example here as it stands, with what is odd about it.
 */
export const SAMPLES = join(import.meta.dirname, 'fixtures', 'flows')

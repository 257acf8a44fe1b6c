// Writes every generated file anew: npm run generate.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GENERATED, GENERATED_FROM_FLOWS } from './generated.ts'

for (const [path, make] of Object.entries({ ...GENERATED, ...GENERATED_FROM_FLOWS }))
  writeFileSync(join(import.meta.dirname, '..', path), await make())

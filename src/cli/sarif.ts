import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { pathIn } from '../config/show-diagnostic.ts'
import { VERSION } from '../config/version.ts'
import { CODES, type Code, type Diagnostic, messageOf, type Place, severityOf } from '../core/diagnostic.ts'
import { EXPLANATIONS } from '../core/explanations.ts'

/** Diagnostics as a SARIF 2.1.0 log (OASIS), which code scanning services read. */
export const toSarif = (diagnostics: readonly Diagnostic[], folder: string): object => ({
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: [
    {
      tool: { driver: { name: 'carryover', semanticVersion: VERSION, rules: CODES.map(toRule) } },
      columnKind: 'unicodeCodePoints',
      results: diagnostics.map((diagnostic) => toResult(diagnostic, folder)),
    },
  ],
})

const toRule = (code: Code): object => ({
  id: code,
  shortDescription: { text: EXPLANATIONS[code].summary },
  fullDescription: { text: EXPLANATIONS[code].why },
  help: { text: `carryover explain ${code}` },
  defaultConfiguration: { level: severityOf(code) },
})

const toResult = (diagnostic: Diagnostic, folder: string): object => ({
  ruleId: diagnostic.code,
  ruleIndex: CODES.indexOf(diagnostic.code),
  level: diagnostic.severity,
  message: { text: messageOf(diagnostic) },
  locations: [toLocation(diagnostic, folder)],
  relatedLocations: diagnostic.related.map((place, id) => ({
    id,
    ...toLocation(place, folder),
    message: { text: place.message },
  })),
})

const toLocation = ({ file, line, column, endLine, endColumn }: Place, folder: string): object => ({
  physicalLocation: {
    artifactLocation: { uri: toUri(pathIn(folder, file)) },
    region: { startLine: line, startColumn: column, endLine, endColumn },
  },
})

const toUri = (path: string): string =>
  isAbsolute(path) ? pathToFileURL(path).href : path.split(/[/\\]/).map(encodeURIComponent).join('/')

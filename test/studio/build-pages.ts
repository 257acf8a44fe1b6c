import { folderOfProcess, runBuild } from '../run-build.ts'

/** The pages as `npm run build` makes them, in a folder that is gone when the process ends; `--metafile` is made there too. */
export function buildPages(...options: readonly string[]): string {
  const folder = folderOfProcess('carryover-pages-')
  const inside = options.map((option) => option.replace('--metafile=', `--metafile=${folder}/`))
  runBuild('build:studio', [`--outdir=${folder}`, ...inside])
  return folder
}

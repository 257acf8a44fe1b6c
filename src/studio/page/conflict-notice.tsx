import type { Conflict } from './model.ts'
import { useModel } from './use-model.ts'

/** Two texts of one file: the person decides, having seen what differs. */
export function ConflictNotice({ conflict }: { conflict: Conflict }) {
  const model = useModel()
  const { path, disk } = conflict
  const { before, mine, theirs } = differenceOf(model.textOf(path), disk?.text ?? '')
  return (
    <section class="conflict" role="alert" aria-label="Changed on disk">
      <p>
        <strong>{path}</strong>{' '}
        {disk ? 'has changed on disk since you began. Nothing was written.' : 'is gone from the disk.'}
      </p>
      {disk && (
        <details>
          <summary>What differs, from line {before + 1}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must reach it */}
          <pre tabIndex={0}>
            {theirs.map((line, i) => (
              <ins key={`t${i}`}>
                + {line}
                {'\n'}
              </ins>
            ))}
            {mine.map((line, i) => (
              <del key={`m${i}`}>
                − {line}
                {'\n'}
              </del>
            ))}
          </pre>
          <p class="quiet">+ on disk, − yours</p>
        </details>
      )}
      <div class="buttons">
        <button type="button" onClick={() => model.keepMine(conflict)}>
          Keep mine
        </button>
        <button type="button" onClick={() => model.takeTheirs(conflict)}>
          {disk ? 'Take what is on disk' : 'Let it go'}
        </button>
      </div>
    </section>
  )
}

/** The lines between what both texts begin and end with. */
function differenceOf(mine: string, theirs: string) {
  const [a, b] = [mine.split(/\r\n|\n|\r/), theirs.split(/\r\n|\n|\r/)]
  let before = 0
  while (before < Math.min(a.length, b.length) && a[before] === b[before]) before++
  let after = 0
  while (after < Math.min(a.length, b.length) - before && a[a.length - 1 - after] === b[b.length - 1 - after]) after++
  return { before, mine: a.slice(before, a.length - after), theirs: b.slice(before, b.length - after) }
}

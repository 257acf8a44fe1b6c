/** Loaded before a server: on SIGUSR2 its clock is set five hours ahead, then five hours back, then right, and so on. */
const HOUR = 3_600_000
const SHIFTS = [5 * HOUR, -5 * HOUR, 0]

const RightDate = Date
let shift = 0

class ShiftedDate extends RightDate {
  constructor(...given: []) {
    if (given.length) super(...given)
    else super(ShiftedDate.now())
  }

  static override now(): number {
    return RightDate.now() + shift
  }
}

Object.assign(globalThis, { Date: ShiftedDate })

process.on('SIGUSR2', () => {
  shift = SHIFTS.shift() ?? 0
  SHIFTS.push(shift)
  process.stderr.write(`${new Date().toISOString()}\n`)
})

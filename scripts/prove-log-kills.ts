// Kills a writer of the decision log that many times (default 200) at random moments: every record that was acknowledged must be there,
// and the log must verify. The tests do the same 20 times.
import { proveKills } from '../test/support/log-kills.ts'

const kills = Number(process.argv[2] ?? 200)
const result = await proveKills(kills, (sum) => console.log(`${sum.kills} kills, ${sum.acknowledged} records acknowledged`))
for (const fault of result.faults) console.error(fault)
console.log(
  `${result.kills} kills, ${result.acknowledged} acknowledged, ${result.records} records, ${result.torn} torn tails, ${result.faults.length} faults.`,
)
process.exitCode = result.faults.length === 0 ? 0 : 1

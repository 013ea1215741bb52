/** EXAM-PROVISIONAL: a request other than INVITE gets no provisional response, or a 100 that comes late (RFC 4320 §4.1). */
import type { StandingCheck } from '../check.js'

export const provisional: StandingCheck = {
  id: 'EXAM-PROVISIONAL',
  text: {
    severity: 'fail',
    gravity: 'letter',
    cause: 'early-provisional',
    readsClock: true,
    title: 'A request other than INVITE gets a provisional response other than 100',
    rule: 'RFC 4320 §4.1',
    provider: ['BH-1'],
    harm: 'Phones repeat a REGISTER or BYE too rarely after it: on lines with loss, requests fail late instead of early.',
    advice: 'Let the server answer such requests with their final response only.',
  },
  watch({ timers: { T1, T2 } }, report) {
    /** ms after which Timer E of a client has grown to T2. */
    let lateMs = 0
    // A target that states a longer T2 than the RFC's default is not held to it: its clients may have the default.
    for (let e = T1; e > 0 && e < Math.min(T2, 4000); e *= 2) lateMs += e
    return {
      response({ seen, response: { status }, sent, differences }) {
        if (status >= 200 || sent.method === 'INVITE' || differences.length > 0) return
        if (status > 100) {
          report({ expected: `no ${status} to ${sent.method}`, actual: String(status) })
          return
        }
        const after = seen.at - sent.at
        if (seen.transport !== 'udp' || after >= 0.9 * lateMs) return
        report({
          title: 'A request other than INVITE gets a 100 too early over UDP',
          expected: `no 100 to ${sent.method} before ${lateMs} ms`,
          actual: `100 after ${Math.round(after)} ms`,
        })
      },
    }
  },
}

/**
 * What `npm run mutation` mutates, and the tests that have to notice: those about the module, and neighbours where they are quick.
 * All tests for every mutant would take days.
 * @type {Record<string, { mutate: string[], tests: string[], except?: RegExp }>}
 */
export const modules = {
  message: {
    mutate: ['src/message/*.ts'],
    tests: ['test/unit/message/*.test.ts'],
    // Seconds for each mutant, and random.
    except: /\/(?:robust|differential)\./,
  },
  sdp: { mutate: ['src/sdp/*.ts'], tests: ['test/unit/sdp/*.test.ts'] },
  transaction: { mutate: ['src/transaction/*.ts'], tests: ['test/unit/transaction/*.test.ts'] },
  dialog: { mutate: ['src/dialog/*.ts'], tests: ['test/unit/dialog/*.test.ts'] },
  srtp: { mutate: ['src/media/srtp*.ts', 'src/media/hmac-sha1.ts'], tests: ['test/unit/media/srtp*.test.ts'] },
  verdict: { mutate: ['src/verdict/*.ts'], tests: ['test/unit/verdict/*.test.ts'] },
}

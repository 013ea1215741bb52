/** What a target file says of one account, or of a range of accounts. */
import { z } from 'zod'
import { checkRange, dialTemplate, LARGEST_NUMBER } from './account-range.js'
import { line, text } from './schema-values.js'

export const accountSchema = z
  .strictObject({
    user: line(text).describe('user part of the address-of-record'),
    password: line(z.string()).optional().describe('taken from the environment: ${NAME}'),
    passwordFile: text.optional().describe('file with the password in its first line, relative to the target file'),
    authUser: line(text).optional().describe('user name of digest authentication; default: user'),
    displayName: line(z.string()).optional(),
    numbers: z
      .array(
        text.regex(dialTemplate, {
          error: 'expected a number or name as dialled: digits, letters, * # + . _ - without spaces',
        }),
      )
      .default([])
      .describe('numbers that ring this account'),
    from: z.int().min(0).max(LARGEST_NUMBER).optional().describe('with `to`: this entry is an account for each number'),
    to: z
      .int()
      .min(0)
      .max(LARGEST_NUMBER)
      .optional()
      .describe('{n} in its texts is the number, {n:6} the number with six digits at least'),
    roles: z
      .array(z.enum(['any', 'trunk', 'queue-agent', 'wake-up', 'limited', 'paced']))
      .min(1)
      .default(['any'])
      .describe('which scenarios may use it'),
    callsAtATime: z
      .int()
      .min(1)
      .optional()
      .describe(
        'how many calls, in and out, the target lets this account have at a time; tested with the role limited',
      ),
    callsPerSecond: z
      .int()
      .min(1)
      .optional()
      .describe('how many calls a second the target lets this account begin; tested with the role paced'),
  })
  .refine((account) => (account.password === undefined) !== (account.passwordFile === undefined), {
    error: "expected either 'password' or 'passwordFile'",
    path: ['password'],
  })
  .refine(({ roles, callsAtATime }) => callsAtATime !== undefined || !roles.includes('limited'), {
    error: "expected how many calls an account of the role 'limited' may have at a time",
    path: ['callsAtATime'],
  })
  .refine(({ roles, callsPerSecond }) => callsPerSecond !== undefined || !roles.includes('paced'), {
    error: "expected how many calls a second an account of the role 'paced' may begin",
    path: ['callsPerSecond'],
  })
  .refine(({ roles, callsAtATime }) => callsAtATime === undefined || roles.every((role) => role === 'limited'), {
    error:
      'expected [limited], and no other role, with callsAtATime: scenarios and loads that use other accounts make as many calls at a time as they need',
    path: ['roles'],
  })
  .refine(({ roles, callsPerSecond }) => callsPerSecond === undefined || roles.every((role) => role === 'paced'), {
    error:
      'expected [paced], and no other role, with callsPerSecond: scenarios and loads that use other accounts begin as many calls a second as they need',
    path: ['roles'],
  })
  .superRefine(checkRange)
  // A password from a file is put in when the target file is loaded.
  .transform((account) => ({ ...account, password: account.password ?? '' }))

// The same servers, without the policy that calls over TLS have to be encrypted.
import { serve } from './serve.mjs'

serve({ script: 'run-optional-srtp', optionalSrtp: true, but: ', SRTP optional' })

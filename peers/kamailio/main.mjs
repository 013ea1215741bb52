// Kamailio with five rtpengines, coturn, dnsmasq and chronyd on loopback addresses, as ordinary processes.
import { serve } from './serve.mjs'

serve({ script: 'run' })

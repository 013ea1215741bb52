import { recordShare } from './record.js'

recordShare(0, 2)

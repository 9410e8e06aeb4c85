/* What holds a line of the queue, in words. */
import {badge} from './dom.js';
import {spaced} from './words.js';

const HOLDS = {
  none: ['Moving', 'good'], program_paused: ['Program paused', 'wait'], restored: ['Restored copy', 'wait'], carrier_kept: ['Carrier paused or stopped', 'wait'],
  outage: ['No carrier bound', 'bad'], throttled: ['Carrier throttles', 'bad'], window: ['Window full', 'wait'], throughput: ['Carrier at its rate', 'wait'],
  sender: ['Sender at its rate', 'wait'], campaign: ['10DLC campaign at its rate', 'wait'], brand: ['Brand’s day used up', 'bad'], quiet_hours: ['Quiet hours', 'wait'],
  not_due: ['Next try is later', 'wait'],
};

const rowOf = word => HOLDS[word] ?? [spaced(word), 'plain'];

export const holdText = word => rowOf(word)[0];
export const holdBadge = word => badge(...rowOf(word));

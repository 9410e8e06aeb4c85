/* backoff: when what a receiver didn't take is tried again. Pure. */
#ifndef NOTIFY_BACKOFF_H
#define NOTIFY_BACKOFF_H

#include <stdint.h>

#define BACKOFF_PERMILLE 1000 /* of chance: the waits differ by a tenth up or down, so that not all come back at once */

/* After so many tries (from 1), in milliseconds: 5 s, and longer each time up to four hours; or as long as the receiver asked
 * for, up to four hours too. chance: 0 to BACKOFF_PERMILLE - 1. */
int64_t backoff_ms(int tries, int64_t retry_after_s, unsigned chance);

/* How long a receiver that failed so many times in a row, whatever was posted, is left alone: not at all at first, then up to
 * a minute. */
int64_t backoff_receiver_ms(unsigned failures, unsigned chance);
#define BACKOFF_DOUBTED 5 /* failures in a row, from which on one event at a time is tried */

#endif

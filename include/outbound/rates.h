/* rates: how many message parts a second each account may hand in. What is over it is refused at once, and not kept: the
 * sender's own queue is where it belongs. In memory alone: a restart forgives what was taken ahead. */
#ifndef OUTBOUND_RATES_H
#define OUTBOUND_RATES_H

#include <stdint.h>

struct rates;

struct rates *rates_open(void);
void rates_close(struct rates *rates);

/* 0: so many parts are taken. Else in so many milliseconds a message of any size may be; nothing is taken. A second's worth
 * may come at once, and a long message goes as one. rate: parts a second as of now; 0: no limit. now_ms: monotonic. */
int64_t rates_take(struct rates *rates, const char *account, double rate, unsigned parts,
                   int64_t now_ms);
/* How much of the second's worth that may come at once has come: 0 to 100. */
unsigned rates_load(struct rates *rates, const char *account, double rate, int64_t now_ms);

#endif

/* bucket: tokens that come in at a steady rate, one for a part of a message: how a carrier is never
 * given more than its throughput. It knows no carrier and no clock: times are handed in, of the
 * monotonic clock.
 *
 * What nobody waits for is not saved up: an idle bucket holds the token of one part, so that sends
 * are spread evenly (F134). A message of several parts waits until there is a token for each
 * (F133), and those with fewer wait behind it, else it would never find them together. While
 * somebody waits, tokens are kept for as long as a turn of the loop may come late. */
#ifndef OUTBOUND_BUCKET_H
#define OUTBOUND_BUCKET_H

#include <stdint.h>

struct bucket {
    double rate;         /* tokens a second; 0: no limit */
    int64_t empty_at_ns; /* when it was empty, or, after a spending ahead, will be */
    unsigned asked;      /* the most parts that somebody waits for; 0: nobody does */
    int64_t asked_until_ns;
};

void bucket_init(struct bucket *bucket, double rate, int64_t now_ms);

/* Another rate from now on. Who was ahead owes as many tokens as before. */
void bucket_set_rate(struct bucket *bucket, double rate, int64_t now_ms);

/* How long until so many parts may go; 0: now. */
int64_t bucket_wait_ms(const struct bucket *bucket, unsigned parts, int64_t now_ms);
/* The same for a reply: it takes tokens ahead, up to one second's worth. */
int64_t bucket_wait_ahead_ms(const struct bucket *bucket, int64_t now_ms);

/* How much of that second is taken: 0 to 100. */
unsigned bucket_load(const struct bucket *bucket, int64_t now_ms);

/* Somebody waits for so many. It is forgotten one second after the tokens were there: whoever still
 * waits then says it anew. */
void bucket_ask(struct bucket *bucket, unsigned parts, int64_t now_ms);

/* So many go now, whether there are tokens or not. */
void bucket_spend(struct bucket *bucket, unsigned parts, int64_t now_ms);

#endif

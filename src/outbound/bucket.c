#include "outbound/bucket.h"

#include <math.h>

#define MS        INT64_C(1000000) /* in nanoseconds, so that no rate is rounded much */
#define SECOND_NS INT64_C(1000000000)
#define LATE_NS   (100 * MS) /* so late a turn may come, and no token is lost */
#define MOST_NS   1e18       /* thirty years: keeps a tiny rate within the integers */

static int64_t cost_ns(const struct bucket *bucket, unsigned parts)
{
    return (int64_t)fmin(ceil((double)parts * 1e9 / bucket->rate), MOST_NS);
}

static int64_t to_ms(int64_t ns)
{
    return ns <= 0 ? 0 : (ns + MS - 1) / MS;
}

static unsigned asked(const struct bucket *bucket, int64_t now_ns)
{
    return now_ns <= bucket->asked_until_ns ? bucket->asked : 0;
}

/* Since when tokens count: what came in before is lost. */
static int64_t filled_from_ns(const struct bucket *bucket, unsigned parts, int64_t now_ns)
{
    unsigned most = asked(bucket, now_ns) > parts ? asked(bucket, now_ns) : parts;
    int64_t kept_ns =
        asked(bucket, now_ns) > 0 ? cost_ns(bucket, most) + LATE_NS : cost_ns(bucket, 1);
    int64_t least_ns = now_ns - kept_ns;
    return bucket->empty_at_ns > least_ns ? bucket->empty_at_ns : least_ns;
}

void bucket_init(struct bucket *bucket, double rate, int64_t now_ms)
{
    *bucket = (struct bucket){.rate = rate, .asked_until_ns = INT64_MIN};
    if (rate > 0)
        bucket->empty_at_ns = now_ms * MS - cost_ns(bucket, 1);
}

void bucket_set_rate(struct bucket *bucket, double rate, int64_t now_ms)
{
    int64_t owed_ns = bucket->empty_at_ns - now_ms * MS;
    if (owed_ns > 0 && bucket->rate > 0 && rate > 0)
        bucket->empty_at_ns =
            now_ms * MS + (int64_t)fmin((double)owed_ns * bucket->rate / rate, MOST_NS);
    bucket->rate = rate;
}

int64_t bucket_wait_ms(const struct bucket *bucket, unsigned parts, int64_t now_ms)
{
    int64_t now_ns = now_ms * MS;
    if (bucket->rate <= 0)
        return 0;
    unsigned most = asked(bucket, now_ns) > parts ? asked(bucket, now_ns) : parts;
    return to_ms(filled_from_ns(bucket, parts, now_ns) + cost_ns(bucket, most) - now_ns);
}

int64_t bucket_wait_ahead_ms(const struct bucket *bucket, int64_t now_ms)
{
    return bucket->rate <= 0 ? 0 : to_ms(bucket->empty_at_ns - SECOND_NS - now_ms * MS);
}

unsigned bucket_load(const struct bucket *bucket, int64_t now_ms)
{
    int64_t owed_ns = bucket->empty_at_ns - now_ms * MS;
    if (bucket->rate <= 0 || owed_ns <= 0)
        return 0;
    return owed_ns >= SECOND_NS ? 100 : (unsigned)(owed_ns * 100 / SECOND_NS);
}

void bucket_ask(struct bucket *bucket, unsigned parts, int64_t now_ms)
{
    int64_t now_ns = now_ms * MS;
    if (bucket->rate <= 0 || parts < asked(bucket, now_ns))
        return;
    bucket->empty_at_ns = filled_from_ns(bucket, parts, now_ns);
    bucket->asked = parts;
    bucket->asked_until_ns = now_ns + SECOND_NS;
    int64_t there_at_ns = bucket->empty_at_ns + cost_ns(bucket, parts);
    if (there_at_ns > now_ns)
        bucket->asked_until_ns = there_at_ns + SECOND_NS;
}

void bucket_spend(struct bucket *bucket, unsigned parts, int64_t now_ms)
{
    int64_t now_ns = now_ms * MS;
    if (bucket->rate <= 0 || parts == 0)
        return;
    bucket->empty_at_ns = filled_from_ns(bucket, parts, now_ns) + cost_ns(bucket, parts);
    if (parts < asked(bucket, now_ns)) { /* whoever waits for more still does, and longer */
        bucket->asked_until_ns = bucket->empty_at_ns + cost_ns(bucket, bucket->asked) + SECOND_NS;
        return;
    }
    bucket->asked = 1; /* another one may follow in this turn: it finds what this one left */
    bucket->asked_until_ns = now_ns + LATE_NS;
}

#include "base/spread.h"

/* Each ms up to 16 has a class of its own, and from there on each octave eight. */
#define SINGLE 16
#define EACH   8

static unsigned class_of(uint32_t ms)
{
    if (ms < SINGLE)
        return ms;
    unsigned octave = 31 - (unsigned)__builtin_clz(ms);
    return SINGLE + (octave - 4) * EACH + (ms >> (octave - 3) & (EACH - 1));
}

static uint32_t middle_of(unsigned class)
{
    if (class < SINGLE)
        return class;
    unsigned shift = (class - SINGLE) / EACH + 1;
    uint32_t lowest = (uint32_t)(EACH + (class - SINGLE) % EACH) << shift;
    return lowest + ((UINT32_C(1) << shift) - 1) / 2;
}

void spread_put(struct spread *spread, int64_t ms)
{
    uint32_t kept = ms < 0 ? 0 : ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
    spread->at[class_of(kept)]++;
    spread->count++;
}

void spread_add(struct spread *spread, const struct spread *other)
{
    for (unsigned i = 0; other->count > 0 && i < SPREAD_CLASSES; i++)
        spread->at[i] += other->at[i];
    spread->count += other->count;
}

uint32_t spread_percentile(const struct spread *spread, unsigned percent)
{
    uint64_t wanted = ((uint64_t)spread->count * percent + 99) / 100, seen = 0;
    if (spread->count == 0)
        return SPREAD_NONE;
    for (unsigned i = 0; i < SPREAD_CLASSES; i++) {
        seen += spread->at[i];
        if (seen >= wanted && seen > 0)
            return middle_of(i);
    }
    return SPREAD_NONE;
}

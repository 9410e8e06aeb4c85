/* spread: how long things took: counted in 240 classes whose width is an eighth of what they hold, so that a percentile is right
 * within 7 %. Pure; as large for one time as for a billion. */
#ifndef BASE_SPREAD_H
#define BASE_SPREAD_H

#include <stdint.h>

#define SPREAD_CLASSES 240 /* up to 2^32 ms */
#define SPREAD_NONE    UINT32_MAX

struct spread { /* zeroed: nothing was put */
    uint32_t count;
    uint32_t at[SPREAD_CLASSES];
};

void spread_put(struct spread *spread, int64_t ms); /* below 0 is 0 */
void spread_add(struct spread *spread, const struct spread *other);
/* What `percent` of them didn't take longer than, in ms; SPREAD_NONE: nothing was put. */
uint32_t spread_percentile(const struct spread *spread, unsigned percent);

#endif

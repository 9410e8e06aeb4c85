#include "bench_number.h"

#include <stdbool.h>
#include <string.h>

#include "base/must.h"
#include "consent/number.h"

#define LINES      10000 /* of an exchange */
#define AREAS      (BENCH_NUMBERS_MOST / LINES)
#define AREA_LEAST 201
#define STRIDE     2654435761 /* a prime beyond every count: i * STRIDE meets each number once */

static uint64_t number_of(unsigned area, unsigned line)
{
    return (UINT64_C(1000) + area) * 10000000 + 5550000 + line;
}

/* Whether it is an ordinary area of the USA. */
static bool is_usable(unsigned area)
{
    uint64_t number;
    char text[NUMBER_TEXT_SIZE];
    number_write(number_of(area, 0), text);
    return number_read(octets_text(text), "US", &number) == NUMBER_OK &&
           strcmp(number_country(number), "US") == 0;
}

uint64_t bench_number(int64_t i)
{
    static unsigned areas[AREAS];
    must(i >= 0 && i < BENCH_NUMBERS_MOST);
    if (areas[0] == 0)
        for (unsigned count = 0, area = AREA_LEAST; count < AREAS; area++) {
            must(area < 1000);
            if (is_usable(area))
                areas[count++] = area;
        }
    return number_of(areas[i / LINES], (unsigned)(i % LINES));
}

uint64_t bench_recipient(int64_t i, int64_t count)
{
    return bench_number((int64_t)((uint64_t)i * STRIDE % (uint64_t)count));
}

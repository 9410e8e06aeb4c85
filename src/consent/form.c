/* What is asked about forms beside what they do: how many there were, and how old somebody is who fills one in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/region.h"
#include "consent/number.h"
#include "consent_parts.h"

#define AGE_MOST 130
/* Where the date changes last, UTC-12. Nobody is taken for a year older than they are before their birthday has come to them,
 * wherever that is: a number says less of it than one might think. Elsewhere somebody may have to wait until the next day. */
#define LAST_DATE_MS (INT64_C(12) * 60 * 60 * 1000)

int64_t birth_age(const char *birth_date, int64_t now_ms)
{
    char text[TIME_TEXT_SIZE], whole[40];
    int64_t born_ms;
    snprintf(whole, sizeof whole, "%.10sT00:00:00Z", birth_date);
    if (strlen(birth_date) != 10 || !time_read(octets_text(whole), &born_ms) || born_ms > now_ms)
        return -1;
    time_write(now_ms - LAST_DATE_MS, text);
    int64_t age = atoi(text) - atoi(birth_date);
    age -= strncmp(text + 5, birth_date + 5, 5) < 0;
    return age > AGE_MOST ? -1 : age < 0 ? 0 : age; /* below 0: born today, and there it is yesterday */
}

int consent_forms_since(struct consents *consents, uint64_t number, int64_t since_ms, int most)
{
    char text[NUMBER_TEXT_SIZE], since[TIME_TEXT_SIZE];
    size_t count = 0;
    struct region *region = loop_region(consents->loop);
    number_write(number, text);
    time_write(since_ms, since);
    struct ledger_filter filter = {
        .number = text, .kind = "registration", .since = since, .newest_first = true, .limit = (size_t)most};
    struct ledger_row *rows = region_get(region, (size_t)most * sizeof *rows);
    return store_ledger_list(consents->store, &filter, region, rows, &count) == STORE_FAILED ? -1 : (int)count;
}

#include "consent/password.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/digest.h"
#include "base/region.h"

static size_t count_characters(struct octets text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += (text.at[i] & 0xc0) != 0x80 ? 1 : 0;
    return count;
}

const char *password_fault(struct octets text)
{
    if (count_characters(text) < PASSWORD_LEAST)
        return "it must have 12 characters at least: a few words are better than a puzzle";
    if (text.length > PASSWORD_MOST)
        return "it must have 1024 octets at most";
    return NULL;
}

struct octets password_fold(struct octets text, struct region *region)
{
    utf8proc_uint8_t *folded = NULL;
    if (text.length > PASSWORD_MOST)
        text.length = PASSWORD_MOST;
    utf8proc_ssize_t length =
        utf8proc_map(text.at, (utf8proc_ssize_t)text.length, &folded, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
    struct octets copy = region_copy(region, length < 0 ? text : octets_of(folded, (size_t)length));
    free(folded);
    return copy;
}

void password_begin(struct password *password, int64_t now_ms)
{
    *password = (struct password){.cost = scrypt_cost_usual, .set_at = now_ms};
    random_octets(password->salt, sizeof password->salt);
}

bool password_make(const struct password *password, struct octets folded, uint8_t out[SCRYPT_SIZE])
{
    return scrypt_hash(folded, octets_of(password->salt, sizeof password->salt), password->cost, out);
}

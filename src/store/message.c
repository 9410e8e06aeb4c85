/* What a message's words and numbers mean, from proto/message.def. No database here. */
#include "store/store.h"

#include <endian.h>

static const char *const state_words[] = {
#define MESSAGE_STATE(name, number, word) [number] = word,
#include "proto/message.def"
};

static const struct {
    const char *word;
    bool is_reply;
} purposes[] = {
#define MESSAGE_PURPOSE(name, number, word, is_reply) [number] = {word, is_reply},
#include "proto/message.def"
};

#define STATES 16

static const bool moves[STATES][STATES] = {
#define MESSAGE_MOVE(from, to, why) [MESSAGE_##from][MESSAGE_##to] = true,
#include "proto/message.def"
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* A database may hold a number that none of ours is; that is no reason to die. */
const char *message_state_word(enum message_state state)
{
    return (size_t)state < COUNT(state_words) && state_words[state] != NULL ? state_words[state]
                                                                            : "invalid";
}

const char *message_purpose_word(enum message_purpose purpose)
{
    return (size_t)purpose < COUNT(purposes) && purposes[purpose].word != NULL
               ? purposes[purpose].word
               : "invalid";
}

bool message_is_reply(enum message_purpose purpose)
{
    return (size_t)purpose < COUNT(purposes) && purposes[purpose].is_reply;
}

bool message_may_move(enum message_state from, enum message_state to)
{
    return (size_t)from < STATES && (size_t)to < STATES && moves[from][to];
}

bool message_is_final(enum message_state state)
{
    return (size_t)state < STATES && memchr(moves[state], true, STATES) == NULL;
}

/* ---- UUIDv7 (RFC 9562 5.7): 48 bits of milliseconds, the version, 12 bits, the variant, 62 bits
 * ---- */

#define VERSION UINT64_C(0x7000)
#define VARIANT (UINT64_C(2) << 62)
#define TAIL    ((UINT64_C(1) << 62) - 1)

static uint64_t id_high(int64_t id)
{
    uint64_t bits = (uint64_t)id;
    return bits >> 12 << 16 | VERSION | (bits & 0xfff);
}

static uint64_t id_low(int64_t tail)
{
    return VARIANT | ((uint64_t)tail & TAIL);
}

void message_id_write_plain(int64_t id, int64_t tail, char out[MESSAGE_ID_SIZE])
{
    uint64_t halves[2] = {htobe64(id_high(id)), htobe64(id_low(tail))};
    octets_to_hex(octets_of(halves, sizeof halves), out);
}

void message_id_write(int64_t id, int64_t tail, char out[MESSAGE_ID_SIZE])
{
    static const uint8_t groups[] = {8, 4, 4, 4, 12};
    char plain[MESSAGE_ID_SIZE];
    const char *from = plain;
    message_id_write_plain(id, tail, plain);
    for (size_t i = 0; i < sizeof groups; from += groups[i++]) {
        out = mempcpy(out, from, groups[i]);
        *out++ = i + 1 < sizeof groups ? '-' : '\0';
    }
}

/* The 32 digits of either form. False: hyphens elsewhere than in a UUID. */
static bool id_digits(struct octets text, uint8_t digits[32])
{
    size_t count = 0;
    if (text.length != 32 && text.length != 36)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        bool is_hyphen = text.length == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
        if (is_hyphen && text.at[i] != '-')
            return false;
        if (!is_hyphen)
            digits[count++] = text.at[i];
    }
    return true;
}

bool message_id_read(struct octets text, int64_t *id, int64_t *tail)
{
    uint8_t digits[32], octets[16];
    if (!id_digits(text, digits) || !octets_from_hex(octets_of(digits, sizeof digits), octets))
        return false;
    uint64_t high = 0, low = 0;
    for (size_t i = 0; i < 8; i++) {
        high = high << 8 | octets[i];
        low = low << 8 | octets[8 + i];
    }
    if ((high & 0xf000) != VERSION || (low & ~TAIL) != VARIANT)
        return false;
    *id = (int64_t)(high >> 16 << 12 | (high & 0xfff));
    *tail = (int64_t)(low & TAIL);
    return true;
}

#include "consent/seal_format.h"

#include "base/must.h"
#include "consent/number.h"

#define SALT_DIGITS 16
#define KEY_DIGITS  15

/* The lowest digits of a number in hexadecimal. */
static struct octets hex_of(int64_t value, size_t digits, char out[16])
{
    for (size_t i = digits; i-- > 0; value >>= 4)
        out[i] = "0123456789abcdef"[value & 15];
    return octets_of(out, digits);
}

void seal_content(struct netstrings *scratch, const struct message *message, uint8_t out[DIGEST_SIZE])
{
    char salt[16], number[NUMBER_TEXT_SIZE] = "";
    if (number_is_sound(message->number)) /* a row that was changed has no digest that fits */
        number_write(message->number, number);
    netstring_text(scratch, "content");
    netstring_put(scratch, hex_of(message->salt, SALT_DIGITS, salt));
    netstring_text(scratch, number);
    netstring_text(scratch, message->text);
    if (message->cargo != NULL && message->cargo[0] != '\0')
        netstring_text(scratch, message->cargo);
    netstrings_digest(scratch, out);
}

void seal_leaf(struct netstrings *scratch, const struct message *message, const char *program,
               uint8_t out[DIGEST_SIZE])
{
    char id[MESSAGE_ID_SIZE], key[16];
    uint8_t content[DIGEST_SIZE];
    if (message->content.length == DIGEST_SIZE)
        memcpy(content, message->content.at, DIGEST_SIZE);
    else
        seal_content(scratch, message, content);
    message_id_write_plain(message->id, message->tail, id);
    netstring_text(scratch, "assent-message-1");
    netstring_text(scratch, id);
    netstring_int(scratch, message->tries);
    netstring_text(scratch, program);
    netstring_text(scratch, message->sender);
    netstring_text(scratch, message_purpose_word(message->purpose));
    netstring_text(scratch, message->carrier);
    netstring_int(scratch, message->consent_seq);
    netstring_put(scratch, hex_of(message->answers, message->answers == 0 ? 0 : KEY_DIGITS, key));
    netstring_put(scratch, octets_of(content, sizeof content));
    netstrings_digest(scratch, out);
}

/* A leaf's octets begin with a digit, a node's with 1: neither can be taken for the other. */
static void node(const uint8_t *left, const uint8_t *right, uint8_t *out)
{
    uint8_t both[1 + 2 * DIGEST_SIZE] = {1};
    memcpy(both + 1, left, DIGEST_SIZE);
    memcpy(both + 1 + DIGEST_SIZE, right, DIGEST_SIZE);
    digest_sha256(octets_of(both, sizeof both), out);
}

/* Each two become one; the last of an odd number goes up as it is. Gives how many there are then. */
static size_t level(uint8_t *row, size_t count)
{
    for (size_t i = 0; i + 1 < count; i += 2)
        node(row + i * DIGEST_SIZE, row + (i + 1) * DIGEST_SIZE, row + i / 2 * DIGEST_SIZE);
    if (count % 2 == 1)
        memmove(row + count / 2 * DIGEST_SIZE, row + (count - 1) * DIGEST_SIZE, DIGEST_SIZE);
    return (count + 1) / 2;
}

void seal_root(uint8_t *leaves, size_t count, uint8_t out[DIGEST_SIZE])
{
    must(count > 0);
    while (count > 1)
        count = level(leaves, count);
    memcpy(out, leaves, DIGEST_SIZE);
}

size_t seal_path(uint8_t *leaves, size_t count, size_t at, struct seal_step *out)
{
    size_t steps = 0;
    must(at < count);
    for (; count > 1; count = level(leaves, count), at /= 2) {
        size_t other = at ^ 1;
        if (other >= count)
            continue; /* it goes up as it is */
        must(steps < SEAL_PATH_MOST);
        out[steps].is_left = other < at;
        memcpy(out[steps++].hash, leaves + other * DIGEST_SIZE, DIGEST_SIZE);
    }
    return steps;
}

void seal_climb(const uint8_t leaf[DIGEST_SIZE], const struct seal_step *steps, size_t count,
                uint8_t out[DIGEST_SIZE])
{
    memcpy(out, leaf, DIGEST_SIZE);
    for (size_t i = 0; i < count; i++)
        node(steps[i].is_left ? steps[i].hash : out, steps[i].is_left ? out : steps[i].hash, out);
}

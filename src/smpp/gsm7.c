/* Both directions come from the same rows. A 0 in a table means "no entry": no row has U+0000. */
#include "smpp/gsm7.h"

#include "base/must.h"

#define SEPTETS 128

static const uint16_t characters[SEPTETS] = {
#define GSM7(code, character) [code] = character,
#include "proto/gsm7.def"
};

static const uint16_t extensions[SEPTETS] = {
#define GSM7_EXTENSION(code, character) [code] = character,
#include "proto/gsm7.def"
};

/* The way back, by character: IS_KNOWN, then 1B where an escape goes first, then the code. The euro
 * sign is the last that has one. */
#define LAST_CHARACTER 0x20AC
#define IS_KNOWN       0x8000

static const uint16_t codes[LAST_CHARACTER + 1] = {
#define GSM7(code, character)           [character] = IS_KNOWN | code,
#define GSM7_EXTENSION(code, character) [character] = IS_KNOWN | GSM7_ESCAPE << 8 | code,
#include "proto/gsm7.def"
};

/* Most of what people write: the same octet in both alphabets. */
static const bool is_plain[256] = {
#define GSM7(code, character) [code] = (code) == (character),
#include "proto/gsm7.def"
};

size_t gsm7_plain(struct octets text)
{
    size_t length = 0;
    while (length < text.length && is_plain[text.at[length]])
        length++;
    return length;
}

size_t gsm7_put(uint32_t character, uint8_t out[2])
{
    uint16_t code = character <= LAST_CHARACTER ? codes[character] : 0;
    if (code == 0)
        return 0;
    bool is_escaped = (code & 0x7F00) != 0;
    if (is_escaped)
        *out++ = GSM7_ESCAPE;
    *out = (uint8_t)(code & 0x7F);
    return is_escaped ? 2 : 1;
}

static uint8_t take_septet(struct octets *rest)
{
    uint8_t septet = rest->at[0] & 0x7F;
    *rest = octets_of(rest->at + 1, rest->length - 1);
    return septet;
}

/* F223: ESC before a code without entry shows the code's own character; ESC twice, and ESC at the
 * end, show a blank. */
uint32_t gsm7_take(struct octets *rest)
{
    must(rest->length > 0);
    uint8_t septet = take_septet(rest);
    if (septet != GSM7_ESCAPE)
        return characters[septet];
    if (rest->length == 0)
        return ' ';
    septet = take_septet(rest);
    if (extensions[septet] != 0)
        return extensions[septet];
    return septet == GSM7_ESCAPE ? ' ' : characters[septet];
}

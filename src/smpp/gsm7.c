/* Both directions come from the same rows. A 0 in a table means "no entry": no row has U+0000. */
#include "smpp/gsm7.h"

#include "base/must.h"

#define SEPTETS 128
#define CR      0x0D

/* By language; 0 are the default ones. */
static const uint16_t locking_tables[GSM7_LANGUAGES + 1][SEPTETS] = {
#define GSM7(code, character) [0][code] = character,
#include "proto/gsm7.def"
#define GSM7_LOCKING(language, code, character) [language][code] = character,
#include "proto/gsm7_national.def"
};

static const uint16_t single_tables[GSM7_LANGUAGES + 1][SEPTETS] = {
#define GSM7_EXTENSION(code, character) [0][code] = character,
#include "proto/gsm7.def"
#define GSM7_SINGLE(language, code, character) [language][code] = character,
#include "proto/gsm7_national.def"
};

static const char *const languages[GSM7_LANGUAGES + 1] = {
#define GSM7_LANGUAGE(id, word) [id] = word,
#include "proto/gsm7_national.def"
};

/* The way back from the default tables, by character: IS_KNOWN, then 1B where an escape goes first,
 * then the code. The euro sign is the last that has one. */
#define LAST_CHARACTER 0x20AC
#define IS_KNOWN       0x8000

static const uint16_t codes[LAST_CHARACTER + 1] = {
#define GSM7(code, character)           [character] = IS_KNOWN | code,
#define GSM7_EXTENSION(code, character) [character] = IS_KNOWN | GSM7_ESCAPE << 8 | code,
#include "proto/gsm7.def"
};

/* The same of every table there is, IS_THERE and the code: a text may be tried in all pairs of them. Where a table has a
 * character twice, either code shows it. */
#define LAST_NATIONAL 0x221E
#define IS_THERE      0x80

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"

static const uint8_t locking_codes[GSM7_LANGUAGES + 1][LAST_NATIONAL + 1] = {
#define GSM7(code, character) [0][character] = IS_THERE | code,
#include "proto/gsm7.def"
#define GSM7_LOCKING(language, code, character) [language][character] = IS_THERE | code,
#include "proto/gsm7_national.def"
};

static const uint8_t single_codes[GSM7_LANGUAGES + 1][LAST_NATIONAL + 1] = {
#define GSM7_EXTENSION(code, character) [0][character] = IS_THERE | code,
#include "proto/gsm7.def"
#define GSM7_SINGLE(language, code, character) [language][character] = IS_THERE | code,
#include "proto/gsm7_national.def"
};

#pragma GCC diagnostic pop

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

/* ---- languages ---- */

/* Every table there is has the blank or, as a single shift, the form feed. */
struct gsm7_tables gsm7_tables_of(uint8_t locking, uint8_t single)
{
    bool has_locking = locking <= GSM7_LANGUAGES && locking_tables[locking][' '] != 0;
    bool has_single = single <= GSM7_LANGUAGES && single_tables[single]['\n'] != 0;
    return (struct gsm7_tables){.locking = has_locking ? locking : 0,
                                .single = has_single ? single : 0};
}

const char *gsm7_language_word(uint8_t language)
{
    must(language >= 1 && language <= GSM7_LANGUAGES);
    return languages[language];
}

uint8_t gsm7_language_find(const char *word)
{
    for (uint8_t language = 1; language <= GSM7_LANGUAGES; language++)
        if (strcmp(languages[language], word) == 0)
            return language;
    return 0;
}

/* ---- one character ---- */

static size_t put_default(uint32_t character, uint8_t out[2])
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

/* SEPTETS: it isn't there. */
static uint8_t code_in(const uint8_t codes_of[LAST_NATIONAL + 1], uint32_t character)
{
    uint8_t code = character <= LAST_NATIONAL ? codes_of[character] : 0;
    return code == 0 ? SEPTETS : code & 0x7F;
}

size_t gsm7_put(struct gsm7_tables tables, uint32_t character, uint8_t out[2])
{
    must(tables.locking <= GSM7_LANGUAGES && tables.single <= GSM7_LANGUAGES);
    if (tables.locking == 0 && tables.single == 0)
        return put_default(character, out);
    out[0] = code_in(locking_codes[tables.locking], character);
    if (out[0] < SEPTETS)
        return 1;
    out[0] = GSM7_ESCAPE;
    out[1] = code_in(single_codes[tables.single], character);
    return out[1] < SEPTETS ? 2 : 0;
}

static uint8_t take_septet(struct octets *rest)
{
    uint8_t septet = rest->at[0] & 0x7F;
    *rest = octets_of(rest->at + 1, rest->length - 1);
    return septet;
}

/* A code without an entry shows a blank: in the default alphabet that is the escape alone. */
static uint32_t shown(const uint16_t table[SEPTETS], uint8_t septet)
{
    return table[septet] == 0 ? ' ' : table[septet];
}

/* F223: ESC before a code without entry shows the code's own character; ESC twice, and ESC at the
 * end, show a blank. */
uint32_t gsm7_take(struct gsm7_tables tables, struct octets *rest)
{
    must(rest->length > 0 && tables.locking <= GSM7_LANGUAGES && tables.single <= GSM7_LANGUAGES);
    uint8_t septet = take_septet(rest);
    if (septet != GSM7_ESCAPE || rest->length == 0)
        return shown(locking_tables[tables.locking], septet);
    septet = take_septet(rest);
    uint32_t shifted = single_tables[tables.single][septet];
    return shifted != 0 ? shifted : shown(locking_tables[tables.locking], septet);
}

/* ---- packed ---- */

static size_t fill_bits(size_t header_length)
{
    return (7 - header_length * 8 % 7) % 7;
}

/* Two octets hold what one septet touches. */
static void put_bits(uint8_t *out, size_t at, unsigned septet)
{
    unsigned bits = (septet & 0x7F) << at % 8;
    out[at / 8] = (uint8_t)(out[at / 8] | bits);
    if (at % 8 > 1)
        out[at / 8 + 1] = (uint8_t)(bits >> 8);
}

static uint8_t bits_at(struct octets packed, size_t at)
{
    unsigned bits = packed.at[at / 8];
    if (at % 8 > 1)
        bits |= (unsigned)packed.at[at / 8 + 1] << 8;
    return bits >> at % 8 & 0x7F;
}

size_t gsm7_pack(struct octets septets, size_t header_length, uint8_t *out)
{
    size_t at = fill_bits(header_length), bits = at + 7 * septets.length, length = (bits + 7) / 8;
    if (septets.length == 0)
        return 0;
    memset(out, 0, length);
    for (size_t i = 0; i < septets.length; i++, at += 7)
        put_bits(out, at, septets.at[i]);
    if (length * 8 - at == 7)
        put_bits(out, at, CR);
    return length;
}

size_t gsm7_unpack(struct octets packed, size_t header_length, uint8_t *out)
{
    size_t at = fill_bits(header_length), count = 0;
    while (packed.length * 8 >= at + 7) {
        out[count++] = bits_at(packed, at);
        at += 7;
    }
    bool may_be_rest = count > 0 && at == packed.length * 8;
    if (may_be_rest && (out[count - 1] == 0 || out[count - 1] == CR))
        count--;
    return count;
}

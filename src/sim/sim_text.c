#include "src/sim/sim_text.h"

#include <utf8proc.h>

#include "base/must.h"

#define ESCAPE      0x1B
#define REPLACEMENT 0xFFFD

/* 3GPP 23.038 6.2.1. */
static const uint16_t gsm7_default[128] = {
    '@',   0xA3, '$',  0xA5,  0xE8, 0xE9,  0xF9,  0xEC,  0xF2,  0xC7,  '\n',  0xD8,  0xF8,
    '\r',  0xC5, 0xE5, 0x394, '_',  0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398,
    0x39E, ' ',  0xC6, 0xE6,  0xDF, 0xC9,  ' ',   '!',   '"',   '#',   0xA4,  '%',   '&',
    '\'',  '(',  ')',  '*',   '+',  ',',   '-',   '.',   '/',   '0',   '1',   '2',   '3',
    '4',   '5',  '6',  '7',   '8',  '9',   ':',   ';',   '<',   '=',   '>',   '?',   0xA1,
    'A',   'B',  'C',  'D',   'E',  'F',   'G',   'H',   'I',   'J',   'K',   'L',   'M',
    'N',   'O',  'P',  'Q',   'R',  'S',   'T',   'U',   'V',   'W',   'X',   'Y',   'Z',
    0xC4,  0xD6, 0xD1, 0xDC,  0xA7, 0xBF,  'a',   'b',   'c',   'd',   'e',   'f',   'g',
    'h',   'i',  'j',  'k',   'l',  'm',   'n',   'o',   'p',   'q',   'r',   's',   't',
    'u',   'v',  'w',  'x',   'y',  'z',   0xE4,  0xF6,  0xF1,  0xFC,  0xE0,
};

static const struct {
    uint8_t code;
    uint16_t character;
} gsm7_extension[] = {
    {0x0A, '\f'}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2F, '\\'},
    {0x3C, '['},  {0x3D, '~'}, {0x3E, ']'}, {0x40, '|'}, {0x65, 0x20AC},
};
#define EXTENSIONS (sizeof gsm7_extension / sizeof gsm7_extension[0])

static const struct {
    const char *name;
    uint8_t data_coding;
} codings[] = {
    [SIM_GSM7] = {"gsm7", 0x00}, [SIM_ASCII] = {"ascii", 0x01},   [SIM_LATIN1] = {"latin1", 0x03},
    [SIM_UCS2] = {"ucs2", 0x08}, [SIM_BINARY] = {"binary", 0x04},
};

const char *sim_coding_name(enum sim_coding coding)
{
    return codings[coding].name;
}

uint8_t sim_coding_data_coding(enum sim_coding coding)
{
    return codings[coding].data_coding;
}

bool sim_coding_find(const char *name, enum sim_coding *coding)
{
    static const enum sim_coding texts[] = {SIM_GSM7, SIM_LATIN1, SIM_UCS2};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(name, codings[texts[i]].name) != 0)
            continue;
        *coding = texts[i];
        return true;
    }
    return false;
}

/* The general group names its alphabet in bits 3 and 2, the class group in bit 2 (23.038 4). */
static enum sim_coding coding_of_group(uint8_t data_coding)
{
    static const enum sim_coding general[] = {SIM_GSM7, SIM_BINARY, SIM_UCS2, SIM_BINARY};
    if (data_coding >= 0xF0)
        return (data_coding & 0x04) != 0 ? SIM_BINARY : SIM_GSM7;
    if (data_coding >= 0xE0)
        return SIM_UCS2;
    if (data_coding >= 0xC0)
        return SIM_GSM7;
    if (data_coding >= 0x10 && data_coding <= 0x1F)
        return general[data_coding >> 2 & 3];
    return SIM_BINARY;
}

enum sim_coding sim_coding_of(uint8_t data_coding)
{
    switch (data_coding) {
    case 0x00:
        return SIM_GSM7;
    case 0x01:
        return SIM_ASCII;
    case 0x03:
        return SIM_LATIN1;
    case 0x08:
        return SIM_UCS2;
    default:
        return coding_of_group(data_coding);
    }
}

/* ---- decoding ---- */

static void put(struct sim_words *words, int32_t character)
{
    uint8_t encoded[4];
    size_t length = (size_t)utf8proc_encode_char(character, encoded);
    memcpy(words->text + words->length, encoded, length);
    words->length += length;
}

/* An escape before a code without entry shows the default character of that code (F223). */
static uint16_t extended(uint8_t code, const char **flaw)
{
    for (size_t i = 0; i < EXTENSIONS; i++)
        if (gsm7_extension[i].code == code)
            return gsm7_extension[i].character;
    *flaw = "an escape before a code without entry";
    return gsm7_default[code];
}

static void decode_gsm7(struct sim_words *words, struct octets from)
{
    for (size_t i = 0; i < from.length; i++) {
        uint8_t code = from.at[i];
        if (code > 0x7F) {
            words->flaw = "octets above 7F in GSM text";
            put(words, REPLACEMENT);
        } else if (code != ESCAPE) {
            put(words, gsm7_default[code]);
        } else if (i + 1 < from.length && from.at[i + 1] <= 0x7F) {
            put(words, extended(from.at[++i], &words->flaw));
        } else {
            words->flaw = "an escape at the end";
            put(words, ' ');
        }
    }
}

static void decode_single(struct sim_words *words, struct octets from, uint8_t last)
{
    for (size_t i = 0; i < from.length; i++) {
        bool fits = from.at[i] <= last;
        if (!fits)
            words->flaw = "octets above 7F in ASCII text";
        put(words, fits ? from.at[i] : REPLACEMENT);
    }
}

static uint16_t unit_at(struct octets from, size_t at)
{
    if (at + 1 >= from.length)
        return 0;
    return (uint16_t)(from.at[at] << 8 | from.at[at + 1]);
}

/* Big-endian UTF-16, as phones show it (F218). */
static void decode_ucs2(struct sim_words *words, struct octets from)
{
    if (from.length % 2 != 0)
        words->flaw = "an odd number of octets";
    for (size_t i = 0; i + 1 < from.length; i += 2) {
        uint16_t unit = unit_at(from, i), next = unit_at(from, i + 2);
        bool is_high = (unit & 0xFC00) == 0xD800;
        if (is_high && (next & 0xFC00) == 0xDC00) {
            put(words, 0x10000 + ((unit & 0x3FF) << 10) + (next & 0x3FF));
            i += 2;
        } else if (is_high || (unit & 0xFC00) == 0xDC00) {
            words->flaw = "half a surrogate pair";
            put(words, REPLACEMENT);
        } else {
            put(words, unit);
        }
    }
}

struct sim_words sim_text_decode(struct region *region, enum sim_coding coding, struct octets from)
{
    /* No alphabet makes more than three octets of one: U+FFFD for an octet that means nothing. */
    struct sim_words words = {.text = region_get(region, from.length * 3 + 1)};
    switch (coding) {
    case SIM_GSM7:
        decode_gsm7(&words, from);
        break;
    case SIM_ASCII:
        decode_single(&words, from, 0x7F);
        break;
    case SIM_LATIN1:
        decode_single(&words, from, 0xFF);
        break;
    case SIM_UCS2:
        decode_ucs2(&words, from);
        break;
    case SIM_BINARY:
        octets_to_hex(from, words.text);
        words.length = 2 * from.length;
        break;
    }
    words.text[words.length] = '\0';
    return words;
}

/* ---- encoding ---- */

static void add_octet(struct sim_buffer *out, unsigned value)
{
    uint8_t octet = (uint8_t)value;
    sim_buffer_add(out, &octet, 1);
}

static bool add_gsm7(struct sim_buffer *out, int32_t character)
{
    for (unsigned code = 0; code < 128; code++) {
        if (code == ESCAPE || gsm7_default[code] != character)
            continue;
        add_octet(out, code);
        return true;
    }
    for (size_t i = 0; i < EXTENSIONS; i++) {
        if (gsm7_extension[i].character != character)
            continue;
        add_octet(out, ESCAPE);
        add_octet(out, gsm7_extension[i].code);
        return true;
    }
    return false;
}

static void add_unit(struct sim_buffer *out, int32_t unit)
{
    add_octet(out, (unsigned)unit >> 8);
    add_octet(out, (unsigned)unit & 0xFF);
}

static bool add_ucs2(struct sim_buffer *out, int32_t character)
{
    if (character < 0x10000) {
        add_unit(out, character);
        return true;
    }
    add_unit(out, 0xD800 | (character - 0x10000) >> 10);
    add_unit(out, 0xDC00 | ((character - 0x10000) & 0x3FF));
    return true;
}

static bool add_latin1(struct sim_buffer *out, int32_t character)
{
    if (character > 0xFF)
        return false;
    add_octet(out, (unsigned)character);
    return true;
}

bool sim_text_encode(enum sim_coding coding, const char *utf8, struct sim_buffer *out)
{
    bool (*add)(struct sim_buffer *, int32_t) = coding == SIM_GSM7   ? add_gsm7
                                                : coding == SIM_UCS2 ? add_ucs2
                                                                     : add_latin1;
    must(coding == SIM_GSM7 || coding == SIM_UCS2 || coding == SIM_LATIN1);
    size_t before = out->length;
    struct octets left = octets_text(utf8);
    while (left.length > 0) {
        utf8proc_int32_t character;
        utf8proc_ssize_t used =
            utf8proc_iterate(left.at, (utf8proc_ssize_t)left.length, &character);
        if (used <= 0 || !add(out, character)) {
            out->length = before;
            return false;
        }
        left = octets_of(left.at + used, left.length - (size_t)used);
    }
    return true;
}

#include "config/tlv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/must.h"
#include "config/config.h"
#include "config/setting.h"

_Static_assert(TLV_WHY_SIZE == SETTING_WHY_SIZE, "a setting's fault is one of these");

#define LETTERS   "abcdefghijklmnopqrstuvwxyz"
#define NAME_CHARS LETTERS "0123456789_"
#define DIGITS    "0123456789"
#define HEX       DIGITS "abcdefABCDEF"
#define TAG_FIRST 0x1400 /* below it the specification gives the tags away (3.4 5.3.1, F390) */

static const char *const type_words[] = {[TLV_C_OCTET_STRING] = "c_octet_string",
                                         [TLV_OCTET_STRING] = "octet_string",
                                         [TLV_INT1] = "int1",
                                         [TLV_INT2] = "int2",
                                         [TLV_INT4] = "int4"};
static const size_t widths[] = {[TLV_INT1] = 1, [TLV_INT2] = 2, [TLV_INT4] = 4};

/* Those of the specification that may be set: they say how a phone shows a message, or what an operator bills. None of
 * what we set ourselves, of what says whom a message reaches, and of what begins a session. */
static const char *const allowed[] = {
    "dest_addr_subunit", "source_addr_subunit",    "payload_type",       "privacy_indicator",
    "user_message_reference", "user_response_code", "language_indicator", "callback_num_pres_ind",
    "callback_num_atag", "callback_num",           "billing_identification", "display_time",
    "sms_signal",        "ms_validity",            "ms_msg_wait_facilities", "alert_on_message_delivery"};

/* The rows of the specification, in the words of this module. */
#define KIND_U8     TLV_INT1
#define KIND_U16    TLV_INT2
#define KIND_U32    TLV_INT4
#define KIND_TEXT   TLV_C_OCTET_STRING
#define KIND_OCTETS TLV_OCTET_STRING
static const struct {
    const char *name;
    uint16_t tag;
    enum tlv_type type;
    size_t least, most;
} rows[] = {
#define SMPP_TLV(tag, name, kind, least, most, times, show) {#name, tag, KIND_##kind, least, most},
#include "proto/smpp.def"
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool refuse(char why[TLV_WHY_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool refuse(char why[TLV_WHY_SIZE], const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(why, TLV_WHY_SIZE, format, values);
    va_end(values);
    return false;
}

/* ---- the words of a line ---- */

#define WORDS_MOST 5

struct words {
    char at[WORDS_MOST][TLV_NAME_SIZE];
    size_t count;
    const char *fallback;
};

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " ");
}

/* Up to the equals sign, behind which the default goes to the end of the line. */
static bool words_read(const char *line, struct words *out, char why[TLV_WHY_SIZE])
{
    *out = (struct words){0};
    for (line = skip_blanks(line); *line != '\0' && *line != '='; line = skip_blanks(line)) {
        size_t length = strcspn(line, " =");
        if (out->count == WORDS_MOST || length >= TLV_NAME_SIZE)
            return refuse(why, "\"%.60s\" is too much: NAME TAG TYPE MOST, and required or = DEFAULT", line);
        memcpy(out->at[out->count++], line, length);
        line += length;
    }
    if (*line == '=')
        out->fallback = skip_blanks(line + 1);
    return true;
}

static bool name_is_good(const char *name)
{
    return strspn(name, LETTERS) > 0 && name[strspn(name, NAME_CHARS)] == '\0';
}

/* Of the specification; COUNT(rows): none. */
static size_t row_of(const char *name)
{
    size_t i = 0;
    while (i < COUNT(rows) && strcmp(rows[i].name, name) != 0)
        i++;
    return i;
}

static bool is_allowed(const char *name)
{
    for (size_t i = 0; i < COUNT(allowed); i++)
        if (strcmp(allowed[i], name) == 0)
            return true;
    return false;
}

static bool tag_read(const char *word, uint16_t *tag, char why[TLV_WHY_SIZE])
{
    size_t digits = strncmp(word, "0x", 2) == 0 ? strspn(word + 2, HEX) : 0;
    if (digits < 1 || digits > 4 || word[2 + digits] != '\0')
        return refuse(why, "\"%s\" is no tag in hexadecimal, as in 0x1400", word);
    *tag = (uint16_t)strtoul(word, NULL, 16);
    return *tag >= TAG_FIRST || refuse(why, "the tag %s is the specification's: its own begin with 0x1400", word);
}

static bool type_read(const char *word, enum tlv_type *type, char why[TLV_WHY_SIZE])
{
    for (size_t i = 0; i < COUNT(type_words); i++)
        if (strcmp(type_words[i], word) == 0) {
            *type = (enum tlv_type)i;
            return true;
        }
    return refuse(why, "\"%s\" is none of c_octet_string, octet_string, int1, int2, int4", word);
}

static bool most_read(const char *word, size_t *most, char why[TLV_WHY_SIZE])
{
    size_t digits = strspn(word, DIGITS);
    *most = digits >= 1 && digits <= 4 && word[digits] == '\0' ? strtoul(word, NULL, 10) : 0;
    return (*most >= 1 && *most <= TLV_VALUE_MOST) ||
           refuse(why, "a string needs the most octets that it may have, 1 to %d", TLV_VALUE_MOST);
}

/* One of the carrier's own. How many words it took, 0: it is wrong. */
static size_t own_read(const struct words *words, struct tlv_rule *out, char why[TLV_WHY_SIZE])
{
    if (row_of(out->name) < COUNT(rows)) {
        refuse(why, "%s is a TLV of the specification: it has its tag and type from there", out->name);
        return 0;
    }
    if (words->count < 3) {
        refuse(why, "%s needs a tag and a type, as in: %s 0x1400 c_octet_string 30", out->name, out->name);
        return 0;
    }
    if (!tag_read(words->at[1], &out->tag, why) || !type_read(words->at[2], &out->type, why))
        return 0;
    if (out->type >= TLV_INT1) {
        out->least = out->most = widths[out->type];
        return 3;
    }
    return most_read(words->count > 3 ? words->at[3] : "", &out->most, why) ? 4 : 0;
}

/* One of the specification's. */
static size_t known_read(struct tlv_rule *out, char why[TLV_WHY_SIZE])
{
    size_t row = row_of(out->name);
    if (row == COUNT(rows)) {
        refuse(why, "%s is no TLV of the specification: it needs a tag and a type, as in: %s 0x1400 "
                    "c_octet_string 30",
               out->name, out->name);
        return 0;
    }
    if (!is_allowed(out->name)) {
        refuse(why, "%s can't be set: it is the gateway's own, or says whom a message reaches", out->name);
        return 0;
    }
    out->tag = rows[row].tag;
    out->type = rows[row].type;
    out->least = rows[row].type >= TLV_INT1 ? rows[row].most : rows[row].least;
    out->most = rows[row].most;
    return 1;
}

static bool rule_end_read(const struct words *words, size_t used, struct tlv_rule *out,
                          char why[TLV_WHY_SIZE])
{
    uint8_t octets[TLV_VALUE_MOST + 1];
    size_t length;
    out->is_required = words->count == used + 1 && strcmp(words->at[used], "required") == 0;
    out->fallback = words->fallback;
    if (words->count != used + (out->is_required ? 1 : 0))
        return refuse(why, "\"%s\" is unexpected behind %s", words->at[used], words->at[used - 1]);
    if (out->is_required && out->fallback != NULL)
        return refuse(why, "%s has a default: required means nothing then", out->name);
    return out->fallback == NULL || tlv_value_write(out, out->fallback, octets, &length, why);
}

bool tlv_rule_read(const char *line, struct tlv_rule *out, char why[TLV_WHY_SIZE])
{
    struct words words;
    *out = (struct tlv_rule){0};
    if (!words_read(line, &words, why))
        return false;
    if (!name_is_good(words.at[0]))
        return refuse(why, "\"%.60s\" doesn't begin with a name of small letters, digits and _", line);
    memcpy(out->name, words.at[0], TLV_NAME_SIZE);
    bool is_known = words.count == 1 || (words.count == 2 && strcmp(words.at[1], "required") == 0);
    size_t used = is_known ? known_read(out, why) : own_read(&words, out, why);
    return used > 0 && rule_end_read(&words, used, out, why);
}

bool tlv_rule_find(const struct config_list *lines, const char *name, struct tlv_rule *out)
{
    char why[TLV_WHY_SIZE];
    for (size_t i = 0; i < lines->count; i++) {
        must(tlv_rule_read(lines->at[i], out, why));
        if (strcmp(out->name, name) == 0)
            return true;
    }
    return false;
}

static const char *purpose_find(struct octets word)
{
    static const char *const words[] = {
#define MESSAGE_PURPOSE(name, number, word, is_reply) word,
#include "proto/message.def"
    };
    for (size_t i = 0; i < COUNT(words); i++)
        if (octets_equal(octets_text(words[i]), word))
            return words[i];
    return NULL;
}

bool tlv_setting_read(const char *line, struct tlv_setting *out)
{
    size_t dot = strcspn(line, ".=");
    *out = (struct tlv_setting){.purpose = ""};
    if (line[dot] == '.') {
        out->purpose = purpose_find(octets_of(line, dot));
        line += dot + 1;
    }
    size_t length = strcspn(line, "=");
    if (out->purpose == NULL || line[length] == '\0' || length >= TLV_NAME_SIZE)
        return false;
    memcpy(out->name, line, length);
    out->value = line + length + 1;
    return name_is_good(out->name);
}

bool tlv_setting_is_for(const struct tlv_setting *setting, const char *purpose)
{
    return setting->purpose[0] == '\0' || strcmp(setting->purpose, purpose) == 0;
}

/* ---- values ---- */

static bool is_printable(struct octets text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] < ' ' || text.at[i] > '~')
            return false;
    return true;
}

static bool integer_write(const struct tlv_rule *rule, const char *text, uint8_t *out,
                          char why[TLV_WHY_SIZE])
{
    bool is_hex = strncmp(text, "0x", 2) == 0;
    const char *digits = is_hex ? text + 2 : text;
    size_t length = strspn(digits, is_hex ? HEX : DIGITS), width = rule->most;
    unsigned long long value = length >= 1 && length <= 10 ? strtoull(digits, NULL, is_hex ? 16 : 10) : 0;
    if (length < 1 || length > 10 || digits[length] != '\0' || value >> 8 * width != 0)
        return refuse(why, "%s is a number of 0 to %llu", rule->name, (1ULL << 8 * width) - 1);
    for (size_t i = 0; i < width; i++)
        out[i] = (uint8_t)(value >> 8 * (width - 1 - i));
    return true;
}

static bool length_fits(const struct tlv_rule *rule, size_t length, char why[TLV_WHY_SIZE])
{
    return (length >= rule->least && length <= rule->most) ||
           refuse(why, "%s has %zu octets, and may have %zu to %zu", rule->name, length, rule->least, rule->most);
}

static bool string_write(const struct tlv_rule *rule, const char *text, uint8_t *out, size_t *length,
                         char why[TLV_WHY_SIZE])
{
    struct octets octets = octets_text(text);
    bool is_hex = rule->type == TLV_OCTET_STRING && strncmp(text, "0x", 2) == 0;
    *length = is_hex ? octets.length / 2 - 1 : octets.length;
    if (!length_fits(rule, *length, why))
        return false;
    if (is_hex)
        return octets_from_hex(octets_text(text + 2), out) ||
               refuse(why, "%s is not hexadecimal behind its 0x", rule->name);
    if (!is_printable(octets))
        return refuse(why, "%s holds more than printable ASCII", rule->name);
    memcpy(out, text, *length);
    if (rule->type == TLV_C_OCTET_STRING)
        out[(*length)++] = 0; /* which its length counts (F389) */
    return true;
}

bool tlv_value_write(const struct tlv_rule *rule, const char *text, uint8_t *out, size_t *length,
                     char why[TLV_WHY_SIZE])
{
    must(rule->most <= TLV_VALUE_MOST);
    *length = rule->most;
    return rule->type >= TLV_INT1 ? integer_write(rule, text, out, why)
                                  : string_write(rule, text, out, length, why);
}

static void integer_read(struct octets value, char text[TLV_TEXT_SIZE])
{
    unsigned long number = 0;
    for (size_t i = 0; i < value.length; i++)
        number = number << 8 | value.at[i];
    snprintf(text, TLV_TEXT_SIZE, "%lu", number);
}

/* Peers leave the NUL of a string out, or have it (F389). */
static struct octets without_nul(struct octets value)
{
    bool has_nul = value.length > 0 && value.at[value.length - 1] == 0;
    return octets_of(value.at, value.length - (has_nul ? 1 : 0));
}

bool tlv_value_read(const struct tlv_rule *rule, struct octets value, char text[TLV_TEXT_SIZE])
{
    if (rule->type == TLV_C_OCTET_STRING)
        value = without_nul(value);
    if (value.length < rule->least || value.length > rule->most)
        return false;
    if (rule->type >= TLV_INT1) {
        integer_read(value, text);
        return true;
    }
    bool begins_hex = value.length >= 2 && memcmp(value.at, "0x", 2) == 0;
    if (is_printable(value) && (!begins_hex || rule->type == TLV_C_OCTET_STRING))
        return octets_copy_text(value, text, TLV_TEXT_SIZE);
    text[0] = '0';
    text[1] = 'x';
    octets_to_hex(value, text + 2);
    return rule->type == TLV_OCTET_STRING;
}

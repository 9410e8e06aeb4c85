#include "consent/sender.h"

#include <stdio.h>
#include <string.h>

#include "base/must.h"
#include "consent/number.h"

#define SHORT_LEAST        3
#define SHORT_MOST         8
#define ALPHA_MOST         11 /* septets in the ten octets of a TP-OA (3GPP TS 23.040 9.1.2.5) */
#define DIGITS_OF_A_NUMBER 7

static const char *const kinds[] = {
    [SENDER_10DLC] = "10dlc",
    [SENDER_TOLL_FREE] = "toll_free",
    [SENDER_SHORT_CODE] = "short_code",
    [SENDER_ALPHANUMERIC] = "alphanumeric",
};

static bool is_digit(uint8_t octet)
{
    return octet >= '0' && octet <= '9';
}

static bool is_letter(uint8_t octet)
{
    return (octet | 0x20) >= 'a' && (octet | 0x20) <= 'z';
}

static size_t digits_in(struct octets text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += is_digit(text.at[i]);
    return count;
}

static bool is_short_code(struct octets text)
{
    return text.length >= SHORT_LEAST && text.length <= SHORT_MOST &&
           digits_in(text) == text.length;
}

/* '@' is GSM's 0x00, which would end the field; what GSM writes with an escape counts twice. */
static bool is_alphanumeric(struct octets text)
{
    bool has_letter = false;
    if (text.length > ALPHA_MOST || digits_in(text) >= DIGITS_OF_A_NUMBER || text.length == 0 ||
        text.at[0] == '+')
        return false;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t octet = text.at[i];
        if (!is_letter(octet) && !is_digit(octet) &&
            (octet == 0 || strchr(" !\"#$%&'()*+,-./:;<=>?_", octet) == NULL))
            return false;
        has_letter = has_letter || is_letter(octet);
    }
    return has_letter;
}

static bool canonical(struct octets text, enum number_fault fault, uint64_t number,
                      char out[SENDER_TEXT_SIZE])
{
    out[0] = '\0';
    if (is_short_code(text) || is_alphanumeric(text))
        return octets_copy_text(text, out, SENDER_TEXT_SIZE);
    if (fault != NUMBER_OK)
        return false;
    number_write(number, out);
    return true;
}

bool sender_read(struct octets text, const char *default_country, char out[SENDER_TEXT_SIZE])
{
    uint64_t number;
    enum number_fault fault = number_read(text, default_country, &number);
    return canonical(octets_trimmed(text), fault, number, out);
}

bool sender_of_smpp(uint8_t ton, struct octets address, const char *country,
                    char out[SENDER_TEXT_SIZE])
{
    uint64_t number;
    enum number_fault fault = number_of_smpp(ton, address, country, &number);
    return canonical(address, fault, number, out);
}

enum sender_kind sender_kind_of(const char *sender)
{
    uint64_t number;
    if (is_digit((uint8_t)sender[0]) && is_short_code(octets_text(sender)))
        return SENDER_SHORT_CODE;
    if (number_read(octets_text(sender), NULL, &number) != NUMBER_OK)
        return SENDER_ALPHANUMERIC;
    return number_is_toll_free(number) ? SENDER_TOLL_FREE : SENDER_10DLC;
}

const char *sender_kind_name(enum sender_kind kind)
{
    must(kind <= SENDER_ALPHANUMERIC);
    return kinds[kind];
}

bool sender_kind_find(const char *name, enum sender_kind *out)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i], name) != 0)
            continue;
        *out = (enum sender_kind)i;
        return true;
    }
    return false;
}

void sender_to_smpp(const char *sender, uint8_t *ton, uint8_t *npi, char out[SENDER_TEXT_SIZE])
{
    enum sender_kind kind = sender_kind_of(sender);
    must(sender[0] != '\0' && strlen(sender) < SENDER_TEXT_SIZE);
    *ton = kind == SENDER_ALPHANUMERIC ? 5 : kind == SENDER_SHORT_CODE ? 3 : 1;
    *npi = *ton == 1 ? 1 : 0;
    snprintf(out, SENDER_TEXT_SIZE, "%s", sender[0] == '+' ? sender + 1 : sender);
}

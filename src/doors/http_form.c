#include "http_form.h"

#include <stdlib.h>

#include "base/region.h"
#include "smpp/text.h"

#define DIGITS_MOST 10

static struct octets decode(struct octets raw, struct region *region)
{
    uint8_t *out = region_get(region, raw.length + 1);
    size_t length = 0;
    for (size_t i = 0; i < raw.length; i++) {
        bool is_octet = raw.at[i] == '%' && i + 2 < raw.length &&
                        octets_from_hex(octets_of(raw.at + i + 1, 2), &out[length]);
        if (!is_octet)
            out[length] = raw.at[i] == '+' ? ' ' : raw.at[i];
        i += is_octet ? 2 : 0;
        length++;
    }
    return octets_of(out, length);
}

static void field_add(struct form *form, struct octets name, struct octets value)
{
    if (form->count < FORM_MOST)
        form->at[form->count++] = (struct form_field){name, value};
}

void form_read(struct form *form, struct octets text, struct region *region)
{
    while (text.length > 0 && form->count < FORM_MOST) {
        const uint8_t *end = memchr(text.at, '&', text.length);
        size_t length = end == NULL ? text.length : (size_t)(end - text.at);
        const uint8_t *equals = memchr(text.at, '=', length);
        size_t name = equals == NULL ? length : (size_t)(equals - text.at);
        size_t value = equals == NULL ? length : name + 1;
        if (length > 0)
            field_add(form, decode(octets_of(text.at, name), region),
                      decode(octets_of(text.at + value, length - value), region));
        size_t step = length + (end == NULL ? 0 : 1);
        text = octets_of(text.at + step, text.length - step);
    }
}

void form_add(struct form *form, const char *name, struct octets value)
{
    field_add(form, octets_text(name), value);
}

const struct octets *form_find(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (octets_equal(form->at[i].name, octets_text(name)))
            return &form->at[i].value;
    return NULL;
}

const char *form_text(const struct form *form, const char *name, struct region *region)
{
    const struct octets *value = form_find(form, name);
    if (value == NULL || value->length == 0)
        return "";
    if (memchr(value->at, 0, value->length) != NULL || !text_is_utf8(*value))
        return NULL;
    return region_text(region, *value);
}

const char *form_printable(struct octets value, struct region *region)
{
    char *text = region_get(region, value.length + 1);
    for (size_t i = 0; i < value.length; i++)
        text[i] = value.at[i] >= 0x20 && value.at[i] < 0x7f ? (char)value.at[i] : '.';
    return text;
}

bool form_whole(const struct form *form, const char *name, long least, long most, long fallback, long *out)
{
    char digits[DIGITS_MOST + 1];
    char *end;
    const struct octets *value = form_find(form, name);
    *out = fallback;
    if (value == NULL || value->length == 0)
        return true;
    if (!octets_copy_text(octets_trimmed(*value), digits, sizeof digits) || digits[0] == '\0')
        return false;
    *out = strtol(digits, &end, 10);
    return *end == '\0' && *out >= least && *out <= most;
}
